/** How far an export is, and how it ended. The list below stays as it is. */
import { bytes, exact } from "../../../format/numbers";
import { CloseIcon } from "../../../ui/icons";
import "./export.css";
import type { ExportState } from "./exporter";
import type { Export } from "./useExport";

export function ExportBar({ now, dismiss }: Pick<Export, "now" | "dismiss">) {
  if (now.state === "idle") return null;
  const isRunning = now.state === "running";
  return (
    <section className="export" aria-label="Export" data-state={now.state}>
      <div className="export-words" role={now.state === "failed" ? "alert" : "status"}>
        <Words now={now} />
      </div>
      {isRunning && <Bar rows={now.rows} total={now.total} />}
      <div className="export-actions">
        {now.state === "failed" && (
          <button type="button" className="button button-small" onClick={now.retry}>
            Try again
          </button>
        )}
        <button
          type="button"
          className={isRunning ? "button button-small" : "button button-icon button-quiet"}
          aria-label={isRunning ? undefined : "Close"}
          onClick={dismiss}
        >
          {isRunning ? "Cancel" : <CloseIcon />}
        </button>
      </div>
    </section>
  );
}

function Bar({ rows, total }: { rows: number; total: number | null }) {
  // Without a total the bar only shows that something goes on.
  return total === null ? (
    <progress aria-label="Export" />
  ) : (
    <progress aria-label="Export" value={Math.min(rows, total)} max={Math.max(1, total)} />
  );
}

function Words({ now }: { now: Exclude<ExportState, { state: "idle" }> }) {
  const requests = `${exact(now.rows)} ${now.rows === 1 ? "request" : "requests"}`;
  switch (now.state) {
    case "running":
      return (
        <>
          Exporting: <b>{exact(now.rows)}</b>
          {now.total !== null && ` of ${exact(now.total)}`} requests, {bytes(now.bytes)}
        </>
      );
    case "done":
      return (
        <>
          <b>{requests}</b> saved in {now.name}, {bytes(now.bytes)}.
          {now.cutAt !== null && (
            <span className="export-cut">
              {" "}
              It ends there: a file holds {exact(now.cutAt)} at the most, the newest. Choose a shorter range for the
              rest.
            </span>
          )}
        </>
      );
    case "failed":
      return (
        <>
          <b>The export failed: {now.problem.title}.</b> {now.problem.detail}{" "}
          {now.rows > 0 && `It came as far as ${requests}; nothing of it is kept.`}
        </>
      );
  }
}
