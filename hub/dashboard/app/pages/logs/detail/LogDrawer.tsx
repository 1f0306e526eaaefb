/** One request whole, beside the list: with its own address, and j and k to go through the list. */
import { logDetail } from "../../../api/logQueries";
import type { LogDetail } from "../../../api/model";
import { useQuery } from "../../../api/useQuery";
import { duration } from "../../../format/numbers";
import { clockTime } from "../../../format/time";
import { Drawer } from "../../../ui/Drawer";
import { EndpointName } from "../../../ui/EndpointName";
import { Empty, Loaded } from "../../../ui/notes";
import { Tabs } from "../../../ui/Tabs";
import { StatusMark } from "../StatusMark";
import { AppLogs } from "./AppLogs";
import "./detail.css";
import { Half } from "./Half";
import { Overview } from "./Overview";
import { Trace } from "./Trace";

interface Props {
  appId: string;
  id: string;
  /** Goes to the next request of the list, or the one before. */
  step: (by: 1 | -1) => void;
  onClose: () => void;
}

export function LogDrawer({ appId, id, step, onClose }: Props) {
  const answer = useQuery(`log/${appId}/${id}`, signal => logDetail(appId, id, signal));
  const log = answer.data;
  const gone = answer.problem?.status === 404;
  return (
    <Drawer
      label="One request"
      wide
      onClose={onClose}
      keys={{ j: () => step(1), k: () => step(-1) }}
      title={log ? <Title log={log} /> : <h2>One request</h2>}
    >
      {gone ? (
        <Empty title="There is no such request any more">
          Request logs are kept for a shorter time than counts; this one may have expired.
        </Empty>
      ) : (
        <Loaded answer={answer} what="The request" height={400}>
          {found => <Parts appId={appId} log={found} />}
        </Loaded>
      )}
    </Drawer>
  );
}

function Title({ log }: { log: LogDetail }) {
  return (
    <>
      <h2 className="log-title">
        <StatusMark status={log.status} />
        <span className="muted num">{duration(log.duration_ms)}</span>
        <span className="muted num">{clockTime(log.time_us / 1_000_000)}</span>
      </h2>
      <EndpointName method={log.method} path={log.path} />
    </>
  );
}

function Parts({ appId, log }: { appId: string; log: LogDetail }) {
  const tabs = [
    { name: "overview", label: "Overview" },
    { name: "request", label: "Request" },
    { name: "response", label: "Response" },
    { name: "logs", label: "Logs", count: log.logs.length },
    { name: "trace", label: "Trace", count: log.spans.length },
  ] as const;
  return (
    <Tabs label="Parts of the request" tabs={tabs}>
      {tab => (
        <>
          {tab === "overview" && <Overview appId={appId} log={log} />}
          {tab === "request" && <Half key={log.id} half={log.request} what="request" />}
          {tab === "response" && <Half key={log.id} half={log.response} what="response" />}
          {tab === "logs" && <AppLogs log={log} />}
          {tab === "trace" && <Trace key={log.id} log={log} />}
        </>
      )}
    </Tabs>
  );
}
