/** One row per status and endpoint. */
import { useRef } from "react";
import type { ErrorCode } from "../../api/errorCodes";
import { exact, percent } from "../../format/numbers";
import { SearchField } from "../../table/SearchField";
import { SortHead } from "../../table/SortHead";
import { hasWords } from "../../table/sorting";
import { useRowKeys } from "../../table/useRowKeys";
import { CountBar } from "../../ui/CountBar";
import { ClientErrorMark, ServerErrorMark } from "../../ui/icons";
import { Link } from "../../ui/Link";
import { MethodBadge } from "../../ui/MethodBadge";
import { Empty } from "../../ui/notes";
import { navigate, useLocation, withParams } from "../../url/location";
import { CODE_ORDER, codeId } from "./errorState";

export const toneOf = (status: string) => (status >= "500" ? "server" : "client");

export function StatusCode({ status }: { status: string }) {
  return (
    <span className="mono status-code">
      {status >= "500" ? <ServerErrorMark /> : <ClientErrorMark />}
      {status}
    </span>
  );
}

export function CodesTable({ rows }: { rows: readonly ErrorCode[] }) {
  const { params } = useLocation();
  const sort = CODE_ORDER.parse(params);
  const search = params.get("q") ?? "";
  const found = CODE_ORDER.sort(
    rows.filter(row => hasWords(`${row.status} ${row.method} ${row.path}`, search)),
    sort,
  );
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const top = Math.max(1, ...found.map(row => row.count));
  if (rows.length === 0) return null;
  return (
    <section className="panel codes" aria-label="By status and endpoint">
      <div className="panel-head">
        <h2>
          By status and endpoint <span className="muted num">{exact(found.length)}</span>
        </h2>
        <SearchField placeholder="Search status or path" label="Search errors" />
      </div>
      <div className="table-scroll">
        <table className="table">
          <SortHead order={CODE_ORDER} sort={sort} />
          <tbody ref={body}>
            {found.map(row => {
              const open = () => withParams({ open: codeId(row) });
              return (
                <tr key={codeId(row)} className="row-link" onClick={() => navigate(open())}>
                  <td className="col-status text">
                    <StatusCode status={row.status} />
                  </td>
                  <td className="col-endpoint text">
                    <MethodBadge method={row.method} />
                    <Link to={open()} className="endpoint-link mono" onClick={event => event.stopPropagation()}>
                      {row.path}
                    </Link>
                  </td>
                  <td className="col-share">{percent(row.count, row.requests)}</td>
                  <td className="col-count">
                    <CountBar count={row.count} top={top} tone={toneOf(row.status)} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {found.length === 0 && <Empty title="No error fits">Esc clears the search.</Empty>}
    </section>
  );
}
