/** One export at a time, beside the page: it goes on while the reader looks further, and ends when the page is left. */
import { useCallback, useEffect, useState } from "react";
import type { LogSearch } from "../../../api/logQueries";
import { Exporter, type ExportState } from "./exporter";
import type { Format } from "./format";

export interface Export {
  now: ExportState;
  start: (format: Format) => void;
  /** Ends what is under way, or takes away what is said of it. */
  dismiss: () => void;
}

export function useExport(appId: string, search: () => LogSearch): Export {
  const [now, setNow] = useState<ExportState>({ state: "idle" });
  const [exporter] = useState(() => new Exporter(setNow));
  useEffect(() => {
    exporter.enter();
    return () => exporter.leave();
  }, [exporter]);
  const dismiss = useCallback(() => exporter.dismiss(), [exporter]);
  return { now, start: format => void exporter.start({ appId, search, format }), dismiss };
}
