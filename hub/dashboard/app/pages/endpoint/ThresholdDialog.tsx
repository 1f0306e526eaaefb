/** The Apdex threshold of one endpoint, from where its figures are. Empty means the app's own. */
import { useState } from "react";
import { apdex, setApdex } from "../../api/admin";
import type { Endpoint } from "../../api/model";
import { refreshNow } from "../../api/refresh";
import { useQuery } from "../../api/useQuery";
import { duration } from "../../format/numbers";
import { Field } from "../../forms/Field";
import { FormDialog } from "../../forms/FormDialog";
import { ThresholdInput } from "../../forms/ThresholdInput";
import { useSubmit } from "../../forms/useSubmit";
import { USUAL_MS } from "../performance/apdex";

interface Props {
  appId: string;
  endpoint: Pick<Endpoint, "method" | "path" | "apdex_threshold_ms">;
  onClose: () => void;
}

export function ThresholdDialog({ appId, endpoint: { method, path, apdex_threshold_ms: now }, onClose }: Props) {
  const submit = useSubmit();
  const known = useQuery(`apdex/${appId}`, signal => apdex(appId, signal)).data;
  const isThis = (one: { method: string; path: string }) => one.method === method && one.path === path;
  const own = known?.endpoints.find(isThis)?.threshold_ms;
  const [typed, setTyped] = useState<string | null>(null);
  const value = typed ?? own?.toString() ?? "";
  const save = async () => {
    const kept = await submit.run(async () => {
      // Asked again: somebody else may have set another meanwhile.
      const { threshold_ms, endpoints } = await apdex(appId, new AbortController().signal);
      const others = endpoints.filter(one => !isThis(one));
      const wanted = value === "" ? [] : [{ method, path, threshold_ms: Number(value) }];
      await setApdex(appId, { threshold_ms: threshold_ms ?? null, endpoints: [...others, ...wanted] });
    });
    if (!kept) return;
    refreshNow();
    onClose();
  };
  const usual = known?.threshold_ms ?? USUAL_MS;
  return (
    <FormDialog
      title="Apdex threshold"
      action="Save"
      submit={submit}
      ready={known !== null && known !== undefined}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <p className="dialog-text">
        Of <span className="mono">{`${method} ${path}`}</span>, now {duration(now)}. A faster request counts as good,
        one that takes up to four times as long as half good. A change also counts for the past.
      </p>
      <Field label="Threshold, in ms" hint={`Empty: as the app, ${usual} ms`}>
        {field => <ThresholdInput {...field} placeholder={String(usual)} value={value} onChange={setTyped} />}
      </Field>
    </FormDialog>
  );
}
