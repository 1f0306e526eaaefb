/** One request at a glance, and the ways to more of its kind. */
import type { LogDetail } from "../../../api/model";
import { bytes, duration } from "../../../format/numbers";
import { fullTime } from "../../../format/time";
import { CopyButton } from "../../../ui/CopyButton";
import { DrawerPart, Facts } from "../../../ui/Drawer";
import { Link } from "../../../ui/Link";
import { useLocation, withParams } from "../../../url/location";
import { paths, scopedPath } from "../../../url/scope";
import { paramsOf } from "../query/query";
import { curlOf } from "./curl";

export function Overview({ appId, log }: { appId: string; log: LogDetail }) {
  const { consumer, client_address, trace_id, span_id } = log;
  const curl = curlOf(log);
  const caller = consumer === null ? "–" : (consumer?.name ?? consumer?.identifier ?? "forgotten");
  return (
    <>
      <Facts
        of={[
          { label: "Arrived", value: fullTime(log.time_us / 1_000_000) },
          { label: "Duration", value: duration(log.duration_ms), title: "To the end of the response's body" },
          { label: "Consumer", value: caller },
          { label: "Request size", value: bytes(log.request.body.bytes) },
          { label: "Response size", value: bytes(log.response.body.bytes) },
          { label: "Client address", value: client_address ?? "not logged" },
        ]}
      />
      {log.error != null && <Failure of={log.error} />}
      <DrawerPart title="URL" aside={<CopyButton text={log.url} what="the URL" />}>
        <p className="drawer-message mono">{log.url}</p>
      </DrawerPart>
      <DrawerPart title="As a curl command" aside={<CopyButton text={curl} what="the curl command" />}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long command is scrolled with the keyboard */}
        <pre tabIndex={0}>{curl}</pre>
      </DrawerPart>
      {trace_id != null && (
        <DrawerPart title="Trace" aside={<CopyButton text={trace_id} what="the trace id" />}>
          <p className="mono trace-ids">
            {trace_id}
            {span_id != null && <span className="muted"> span {span_id}</span>}
          </p>
        </DrawerPart>
      )}
      <More appId={appId} log={log} />
    </>
  );
}

/** Why the server failed. */
function Failure({ of: { type, message, location, backtrace } }: { of: NonNullable<LogDetail["error"]> }) {
  return (
    <DrawerPart title={type === "" ? "Error" : type} aside={<CopyButton text={message} what="the message" />}>
      <p className="drawer-message">{message === "" ? "It said nothing." : message}</p>
      {location != null && <p className="mono">{location}</p>}
      {backtrace != null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long backtrace is scrolled with the keyboard
        <pre tabIndex={0}>{backtrace}</pre>
      )}
    </DrawerPart>
  );
}

function More({ appId, log }: { appId: string; log: LogDetail }) {
  const here = useLocation();
  const { method, path, status, consumer, trace_id, id } = log;
  const only = (query: Parameters<typeof paramsOf>[0]) => withParams({ ...paramsOf(query), log: id });
  const identifier = consumer?.identifier ?? null;
  const links = [
    { to: only({ method, path }), label: "Requests to this endpoint" },
    { to: only({ method, path, status: String(status) }), label: `Its answers with ${status}` },
    ...(identifier === null ? [] : [{ to: only({ consumer: identifier }), label: "Requests of this consumer" }]),
    ...(trace_id == null ? [] : [{ to: only({ trace: trace_id }), label: "Requests of this trace" }]),
    { to: scopedPath(here, paths.endpoint(appId), { method, path, status: null }), label: "The endpoint" },
  ];
  return (
    <DrawerPart title="More of it">
      <ul className="more-links">
        {links.map(({ to, label }) => (
          <li key={label}>
            <Link to={to} className="button button-small">
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </DrawerPart>
  );
}
