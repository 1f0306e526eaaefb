/** One row of the endpoint table. Texts of the monitored app are only ever text. */
import { memo } from "react";
import type { Endpoint } from "../../api/model";
import { apdex, bytes, count, duration, exact, rate } from "../../format/numbers";
import { ago, fullTime } from "../../format/time";
import { apdexWord, ErrorRate } from "../../ui/ErrorRate";
import { Link } from "../../ui/Link";
import { MethodBadge } from "../../ui/MethodBadge";
import { location, navigate } from "../../url/location";
import { pageOf, paths, scopedPath } from "../../url/scope";
import { neverCalled, SPECIAL_PATHS } from "./tableState";

function detailPath({ method, path }: Endpoint): string {
  const here = location();
  const page = pageOf(here.path);
  return scopedPath(here, paths.endpoint("appId" in page ? page.appId : ""), { method, path });
}

export const EndpointRow = memo(function EndpointRow({ row, minutes }: { row: Endpoint; minutes: number }) {
  const never = neverCalled(row);
  const special = SPECIAL_PATHS[row.path];
  return (
    <tr className="row-link" data-uncalled={row.requests === 0 || undefined} onClick={() => navigate(detailPath(row))}>
      <td className="col-path">
        <MethodBadge method={row.method} />
        <Link
          to={detailPath(row)}
          className="endpoint-link mono"
          title={special ?? row.path}
          onClick={event => event.stopPropagation()}
        >
          {row.path}
        </Link>
        {special && (
          <span className="help" title={special}>
            ?<span className="visually-hidden">{special}</span>
          </span>
        )}
        {never && <span className="tag">never called</span>}
      </td>
      <td className="col-requests" title={exact(row.requests)}>
        {count(row.requests)}
      </td>
      <td className="col-rate">{rate(row.requests / minutes)}</td>
      <td className="col-errors">
        <ErrorRate of={row} />
      </td>
      <td className="col-p50">{duration(row.p50_ms)}</td>
      <td className="col-p95">{duration(row.p95_ms)}</td>
      <td className="col-p99">{duration(row.p99_ms)}</td>
      <td className="col-apdex" title={row.apdex === null ? undefined : apdexWord(row.apdex)}>
        {apdex(row.apdex)}
      </td>
      <td className="col-bytes" title={`In ${bytes(row.request_bytes)}, out ${bytes(row.response_bytes)}`}>
        {bytes(row.request_bytes + row.response_bytes)}
      </td>
      <td className="col-seen" title={fullTime(row.last_seen_at)}>
        {row.last_seen_at === null ? "never" : ago(row.last_seen_at, Date.now() / 1000)}
      </td>
    </tr>
  );
});
