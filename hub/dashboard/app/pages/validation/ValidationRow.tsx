/** One row of the table of validation errors. Texts of the monitored app are only ever text. */
import type { ValidationError } from "../../api/model";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { CountBar } from "../../ui/CountBar";
import { Link } from "../../ui/Link";
import { MethodBadge } from "../../ui/MethodBadge";
import { navigate, withParams } from "../../url/location";
import { groupId } from "./validationState";

export function FieldName({ row }: { row: ValidationError }) {
  return (
    <span className="field-name mono">
      <span className="muted">{row.location}</span>
      {row.field !== "" && (
        <>
          <span className="muted">.</span>
          <b>{row.field}</b>
        </>
      )}
    </span>
  );
}

export function ValidationRow({ row, top }: { row: ValidationError; top: number }) {
  const open = () => withParams({ open: groupId(row) });
  return (
    <tr className="row-link" onClick={() => navigate(open())}>
      <td className="col-field text">
        <Link to={open()} className="endpoint-link" onClick={event => event.stopPropagation()}>
          <FieldName row={row} />
        </Link>
      </td>
      <td className="col-message text" title={row.message}>
        {row.message}
        {row.code !== "" && <span className="tag mono">{row.code}</span>}
      </td>
      <td className="col-endpoint text" title={row.path}>
        <MethodBadge method={row.method} /> <span className="mono">{row.path}</span>
      </td>
      <td className="col-consumers">{row.consumers > 0 ? exact(row.consumers) : "–"}</td>
      <td className="col-first" title={fullTime(row.first_seen_at)}>
        {dateTime(row.first_seen_at)}
      </td>
      <td className="col-last" title={fullTime(row.last_seen_at)}>
        {ago(row.last_seen_at, Date.now() / 1000)}
      </td>
      <td className="col-count">
        <CountBar count={row.count} top={top} />
      </td>
    </tr>
  );
}
