/** What can be saved: everything that fits, from the hub; or only what is loaded, as it is on screen. */
import type { LogRow } from "../../../api/model";
import { saveAs } from "../../../format/csv";
import { exact } from "../../../format/numbers";
import { DownloadIcon } from "../../../ui/icons";
import { MenuList } from "../../../ui/Menu";
import { Popover } from "../../../ui/Popover";
import "./export.css";
import { FORMATS, type Format } from "./format";
import { logsCsv, logsNdjson } from "./loaded";

interface Props {
  rows: readonly LogRow[];
  /** Whether an export is under way: the hub does few at a time. */
  busy: boolean;
  start: (format: Format) => void;
}

const KINDS: readonly Format[] = ["csv", "ndjson"];
const WRITERS = { csv: logsCsv, ndjson: logsNdjson };

export function ExportMenu({ rows, busy, start }: Props) {
  const choices = [
    ...KINDS.map(format => ({
      label: `All that fit, as ${FORMATS[format].label}`,
      disabled: busy,
      run: () => start(format),
    })),
    ...KINDS.map(format => ({
      label: `The ${exact(rows.length)} loaded, as ${FORMATS[format].label}`,
      disabled: rows.length === 0,
      run: () => saveAs(`request-logs.${format}`, WRITERS[format](rows), FORMATS[format].type),
    })),
  ];
  return (
    <Popover
      title="Save requests as a file"
      className="export-menu"
      label={
        <>
          <DownloadIcon /> Export
        </>
      }
    >
      {close => <MenuList items={choices} close={close} />}
    </Popover>
  );
}
