/** Above the list: whether it follows what happens, and the list as a file. */
import type { LogRow } from "../../../api/model";
import { saveAs } from "../../../format/csv";
import { exact } from "../../../format/numbers";
import { DownloadIcon } from "../../../ui/icons";
import { logsCsv, logsNdjson } from "./export";

interface Props {
  rows: readonly LogRow[];
  live: boolean;
  setLive: (on: boolean) => void;
}

export function Tools({ rows, live, setLive }: Props) {
  const named = (kind: string) => `Save the ${exact(rows.length)} requests that are loaded as ${kind}`;
  return (
    <div className="panel-head log-tools">
      <h2>
        Requests <span className="muted num">{exact(rows.length)} loaded</span>
      </h2>
      <div className="table-tools">
        <button
          type="button"
          className="button live"
          aria-pressed={live}
          title="Follow what happens, every two seconds"
          onClick={() => setLive(!live)}
        >
          <i aria-hidden="true" className={live ? "pulse" : undefined} /> Live
        </button>
        <button
          type="button"
          className="button"
          title={named("CSV")}
          onClick={() => saveAs("request-logs.csv", logsCsv(rows))}
        >
          <DownloadIcon /> CSV
        </button>
        <button
          type="button"
          className="button"
          title={named("JSON lines")}
          onClick={() => saveAs("request-logs.ndjson", logsNdjson(rows), "application/x-ndjson")}
        >
          <DownloadIcon /> NDJSON
        </button>
      </div>
    </div>
  );
}
