/** Forgets who a consumer is: for a person who asks for it. Offered to admins of the app alone. */
import { useState } from "react";
import { forgetConsumer } from "../../api/admin";
import type { Consumer, Forgotten } from "../../api/model";
import { useMay } from "../../api/roles";
import { Confirm } from "../../forms/Confirm";
import { nameOf } from "./consumerState";

interface Props {
  appId: string;
  consumer: Consumer;
  onForgotten: (what: Forgotten) => void;
}

export function Forget({ appId, consumer, onForgotten }: Props) {
  const isAdmin = useMay("admin", appId);
  const [asking, setAsking] = useState(false);
  if (!isAdmin) return null;
  const forget = async () => onForgotten(await forgetConsumer(appId, consumer.consumer_id));
  return (
    <div className="drawer-choice">
      <p className="muted">Name, identifier and request logs of a consumer can be taken away for good.</p>
      <button type="button" className="button button-small button-danger" onClick={() => setAsking(true)}>
        Forget…
      </button>
      {asking && (
        <Confirm
          title={`Forget ${nameOf(consumer)}?`}
          action="Forget the consumer"
          change={forget}
          onDone={() => setAsking(false)}
          onClose={() => setAsking(false)}
        >
          Its name, identifier and group go, and all its request logs, in every environment of the app. Its counts stay,
          without a name. What it does from now on is stored as ever: let the application stop naming it first. This
          cannot be undone.
        </Confirm>
      )}
    </div>
  );
}
