/** Above the list: whether it follows what happens, and the list as a file. */
import type { LogRow } from "../../../api/model";
import { exact } from "../../../format/numbers";
import { ColumnPicker } from "../../../table/ColumnPicker";
import { ExportMenu } from "../export/ExportMenu";
import type { Export } from "../export/useExport";
import { LOG_ORDER } from "./columns";

interface Props {
  rows: readonly LogRow[];
  live: boolean;
  setLive: (on: boolean) => void;
  exporting: Export;
}

export function Tools({ rows, live, setLive, exporting }: Props) {
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
        <ColumnPicker order={LOG_ORDER} />
        <ExportMenu rows={rows} busy={exporting.now.state === "running"} start={exporting.start} />
      </div>
    </div>
  );
}
