/** A field as its place and its path: `body.items.*.quantity`. A body as a whole has no path. */
import type { ValidationError } from "../../api/model";

export function FieldName({ row }: { row: Pick<ValidationError, "location" | "field"> }) {
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
