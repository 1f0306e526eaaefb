/** A status with a mark for failures, so that colour is not the only signal. */
import { ClientErrorMark, ServerErrorMark } from "../../ui/icons";
import "./status.css";

export function StatusMark({ status }: { status: number }) {
  return (
    <span className="mono status-mark" data-class={String(status)[0]}>
      {status >= 500 ? <ServerErrorMark /> : status >= 400 ? <ClientErrorMark /> : <i aria-hidden="true" />}
      {status}
    </span>
  );
}
