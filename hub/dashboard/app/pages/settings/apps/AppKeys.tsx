/** Write keys: a new one is shown once; the others are known by their first characters. */
import { useState } from "react";
import * as queries from "../../../api/queries";
import { Refusal } from "../../../forms/Refusal";
import { Secret } from "../../../forms/Secret";
import { useSubmit } from "../../../forms/useSubmit";
import { PlusIcon } from "../../../ui/icons";
import { Keys } from "../../setup/Keys";

export function AppKeys({ appId }: { appId: string }) {
  const submit = useSubmit();
  const [made, setMade] = useState<string | null>(null);
  const [count, setCount] = useState(0);
  const make = () =>
    submit.run(async () => {
      const { write_key } = await queries.createKey(appId);
      setMade(write_key);
      setCount(before => before + 1);
    });
  return (
    <Keys
      key={count}
      appId={appId}
      action={
        <button type="button" className="button button-primary" disabled={submit.busy} onClick={() => void make()}>
          <PlusIcon /> New write key
        </button>
      }
    >
      <Refusal of={submit} />
      {made && (
        <Secret value={made} what="the write key" onClose={() => setMade(null)}>
          The app reports with this key, in <code>SENDRY_WRITE_KEY</code>. It is shown now and never again; earlier keys
          stay valid until they are revoked.
        </Secret>
      )}
    </Keys>
  );
}
