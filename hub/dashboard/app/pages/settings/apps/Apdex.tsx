/** Until when a request satisfies: for the app, and for single endpoints, which come before it. */
import { type FormEvent, useState } from "react";
import { apdex, setApdex } from "../../../api/admin";
import type { ApdexThresholds } from "../../../api/model";
import { useQuery } from "../../../api/useQuery";
import { Field } from "../../../forms/Field";
import { Refusal } from "../../../forms/Refusal";
import { ThresholdInput } from "../../../forms/ThresholdInput";
import { useSubmit } from "../../../forms/useSubmit";
import { CloseIcon } from "../../../ui/icons";
import { Loaded } from "../../../ui/notes";
import { USUAL_MS } from "../../performance/apdex";
import { type TypedEndpoint, thresholdsOf, typedOf } from "./apdexState";

export function Apdex({ appId }: { appId: string }) {
  const answer = useQuery(`apdex/${appId}`, signal => apdex(appId, signal));
  return (
    <section className="panel" aria-label="Apdex">
      <div className="panel-head">
        <h2>Apdex thresholds</h2>
        <span className="muted">
          Faster counts as good, up to four times as long as half good. A change also counts for the past
        </span>
      </div>
      <Loaded answer={answer} what="The thresholds" height={120}>
        {thresholds => (
          <Form key={JSON.stringify(thresholds)} appId={appId} thresholds={thresholds} onSaved={answer.retry} />
        )}
      </Loaded>
    </section>
  );
}

interface FormProps {
  appId: string;
  thresholds: ApdexThresholds;
  onSaved: () => void;
}

function Form({ appId, thresholds, onSaved }: FormProps) {
  const submit = useSubmit();
  const [typed, setTyped] = useState(() => typedOf(thresholds));
  const { whole, endpoints } = typed;
  const setEndpoints = (changed: TypedEndpoint[]) => setTyped({ ...typed, endpoints: changed });
  const [added, setAdded] = useState("");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (await submit.run(() => setApdex(appId, thresholdsOf(typed)))) onSaved();
  };
  const add = () => {
    const [method = "", path = ""] = added.trim().split(/\s+(.*)/);
    if (path === "") return;
    setEndpoints([...endpoints, { method: method.toUpperCase(), path, threshold: String(USUAL_MS) }]);
    setAdded("");
  };
  return (
    <form className="apdex-form" onSubmit={event => void send(event)}>
      <Field label="Of the app, in ms" hint={`${USUAL_MS} where nothing is set`}>
        {field => (
          <ThresholdInput
            {...field}
            placeholder={String(USUAL_MS)}
            value={whole}
            onChange={changed => setTyped({ ...typed, whole: changed })}
          />
        )}
      </Field>
      <ul className="apdex-endpoints">
        {endpoints.map((one, at) => (
          <li key={`${one.method} ${one.path}`}>
            <span className="mono">
              {one.method} {one.path}
            </span>
            <ThresholdInput
              aria-label={`Threshold of ${one.method} ${one.path} in ms`}
              value={one.threshold}
              onChange={threshold => setEndpoints(endpoints.with(at, { ...one, threshold }))}
              required
            />
            <button
              type="button"
              className="button button-icon button-quiet"
              aria-label={`Take away the threshold of ${one.method} ${one.path}`}
              onClick={() => setEndpoints(endpoints.toSpliced(at, 1))}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
      <div className="settings-inline">
        <Field label="A threshold for an endpoint" hint="Method and path, as the endpoint table shows them">
          {field => (
            <input
              {...field}
              className="input mono"
              value={added}
              placeholder="POST /v1/payments"
              spellCheck={false}
              autoComplete="off"
              onChange={event => setAdded(event.target.value)}
            />
          )}
        </Field>
        <button type="button" className="button" disabled={!/^\S+\s+\S/.test(added.trim())} onClick={add}>
          Add
        </button>
      </div>
      <Refusal of={submit} />
      <button type="submit" className="button button-primary" disabled={submit.busy}>
        Save the thresholds
      </button>
    </form>
  );
}
