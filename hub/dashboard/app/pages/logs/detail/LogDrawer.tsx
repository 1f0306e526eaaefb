/** One request whole, beside the list: with its own address, and j and k to go through the list. */

import { logDetail } from "../../../api/logQueries";
import type { LogDetail } from "../../../api/model";
import { useQuery } from "../../../api/useQuery";
import { duration } from "../../../format/numbers";
import { clockTime } from "../../../format/time";
import { Drawer } from "../../../ui/Drawer";
import { EndpointName } from "../../../ui/EndpointName";
import { Empty, Loaded } from "../../../ui/notes";
import { navigate, useLocation, withParams } from "../../../url/location";
import { StatusMark } from "../StatusMark";
import { AppLogs } from "./AppLogs";
import "./detail.css";
import { Half } from "./Half";
import { Overview } from "./Overview";
import { Trace } from "./Trace";

const TABS = ["overview", "request", "response", "logs", "trace"] as const;
type Tab = (typeof TABS)[number];

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
          {found => <Tabs appId={appId} log={found} />}
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

const isTab = (name: string | null): name is Tab => TABS.some(tab => tab === name);

function Tabs({ appId, log }: { appId: string; log: LogDetail }) {
  const wanted = useLocation().params.get("tab");
  const chosen = isTab(wanted) ? wanted : "overview";
  const counts: Partial<Record<Tab, number>> = { logs: log.logs.length, trace: log.spans.length };
  const choose = (tab: Tab) => navigate(withParams({ tab: tab === "overview" ? null : tab }), "replace");
  return (
    <div className="log-detail">
      <div className="tabs" role="tablist" aria-label="Parts of the request">
        {TABS.map(tab => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`tab-${tab}`}
            aria-selected={tab === chosen}
            aria-controls="log-part"
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => choose(tab)}
            onKeyDown={event => {
              const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
              const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length];
              if (by === 0 || next === undefined) return;
              choose(next);
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {tab[0]?.toUpperCase() + tab.slice(1)}
            {counts[tab] !== undefined && <span className="muted num">{counts[tab]}</span>}
          </button>
        ))}
      </div>
      <div className="log-part" role="tabpanel" id="log-part" aria-labelledby={`tab-${chosen}`}>
        {chosen === "overview" && <Overview appId={appId} log={log} />}
        {chosen === "request" && <Half key={log.id} half={log.request} what="request" />}
        {chosen === "response" && <Half key={log.id} half={log.response} what="response" />}
        {chosen === "logs" && <AppLogs log={log} />}
        {chosen === "trace" && <Trace key={log.id} log={log} />}
      </div>
    </div>
  );
}
