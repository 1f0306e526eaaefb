/** How the hub itself is: what its watchdogs say, the queue, what was accepted and not stored, processes, and room. */
import type { System } from "../../api/model";
import * as queries from "../../api/queries";
import { useMay } from "../../api/roles";
import { useQuery } from "../../api/useQuery";
import { fullTime } from "../../format/time";
import { RefreshControl } from "../../ui/Freshness";
import { HubFrame } from "../../ui/HubFrame";
import { CheckIcon } from "../../ui/icons";
import { Empty, Loaded } from "../../ui/notes";
import { Processes } from "./Processes";
import { Queue } from "./Queue";
import { Storage } from "./Storage";
import "./system.css";
import { Watchdogs } from "./Watchdogs";

export default function SystemPage() {
  const isAdmin = useMay("admin");
  return (
    <HubFrame title="System" controls={isAdmin && <RefreshControl />}>
      {isAdmin ? (
        <Whole />
      ) : (
        <Empty title="Your role does not reach this page">It needs the role admin on the whole hub.</Empty>
      )}
    </HubFrame>
  );
}

function Whole() {
  const answer = useQuery("system", queries.system);
  return (
    <Loaded answer={answer} what="The state of the hub" height={640}>
      {system => (
        <div className="system">
          <Verdict system={system} />
          <Watchdogs watchdogs={system.watchdogs} />
          <Queue system={system} />
          <Processes system={system} />
          <Storage system={system} />
        </div>
      )}
    </Loaded>
  );
}

function Verdict({ system }: { system: System }) {
  const alarms = system.watchdogs.filter(one => one.state === "alarm").length;
  const waiting = system.watchdogs.filter(one => one.state === "pending").length;
  return (
    <section className="verdict" data-ok={system.ok || undefined} aria-label="Verdict" title={fullTime(system.as_of)}>
      {system.ok && <CheckIcon />}
      <div>
        <b>{alarms === 0 ? "The hub is well" : alarms === 1 ? "One thing needs you" : `${alarms} things need you`}</b>
        <p>
          {waiting > 0 && `${waiting} more may follow. `}
          {system.watchdogs.length} watchdogs look at {system.processes.length}{" "}
          {system.processes.length === 1 ? "process" : "processes"}. Version {system.version}.
        </p>
      </div>
    </section>
  );
}
