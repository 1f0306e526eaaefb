/** One status of one endpoint: since when, and who got it. */
import { callersOfStatus } from "../../api/callers";
import type { ErrorCode } from "../../api/errorCodes";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { requestsByCode } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { exact, percent } from "../../format/numbers";
import { timeSpan } from "../../format/time";
import { CallersList } from "../../ui/Callers";
import { Drawer, DrawerPart, Facts } from "../../ui/Drawer";
import { EndpointName } from "../../ui/EndpointName";
import { LogsLink } from "../../ui/LogsLink";
import { Loaded } from "../../ui/notes";
import { openLogsOf } from "../../url/logsOf";
import type { Scope } from "../../url/useScope";
import { StatusCode, toneOf } from "./CodesTable";
import { codeId, consumersText, lastSeenText } from "./errorState";
import type { Marking } from "./useMarking";

interface Props {
  scope: Scope;
  code: ErrorCode;
  marking: Marking;
  onClose: () => void;
}

export function CodeDrawer({ scope, code, marking, onClose }: Props) {
  const { status, method, path, count, requests } = code;
  const key = `${scope.key}/${codeId(code)}`;
  const callers = useQuery(`callers/${key}`, signal => callersOfStatus(scope.appId, scope.query(), code, signal));
  const traffic = useQuery(`traffic/${key}`, signal =>
    queries.traffic(scope.appId, { ...scope.query(), method, path, status }, signal),
  );
  const width = traffic.data?.range.step_secs ?? 60;
  const stepText = (start: number | undefined) => (start === undefined ? "–" : timeSpan(start, start + width));
  return (
    <Drawer
      label={`${status} of ${method} ${path}`}
      onClose={onClose}
      title={
        <>
          <h2>
            <StatusCode status={status} />
          </h2>
          <EndpointName method={method} path={path} />
        </>
      }
    >
      <Facts
        of={[
          { label: "Count", value: exact(count) },
          { label: "Of its requests", value: percent(count, requests) },
          { label: "First seen", value: stepText(traffic.data?.data[0]?.start) },
          {
            label: "Last seen",
            value: lastSeenText(code, Date.now() / 1000),
            title: timeSpan(code.last_seen_at, code.last_seen_at + code.last_seen_secs),
          },
          { label: "Consumers", value: consumersText(code), title: "Of those with a name" },
        ]}
      />
      <Expected code={code} marking={marking} />
      <DrawerPart title="Since when" aside={<LogsLink of={{ status, method, path }}>Its requests</LogsLink>}>
        <Loaded answer={traffic} what="The course of this error" height={150}>
          {answer => (
            <TimeChart
              model={requestsByCode(answer)}
              label={`${status} over time`}
              legend={false}
              height={150}
              onZoom={scope.zoom}
              onReset={scope.resetZoom}
              onPick={(from, to) => openLogsOf(from, to, { status, method, path })}
            />
          )}
        </Loaded>
      </DrawerPart>
      <DrawerPart title="Who got it">
        <Loaded answer={callers} what="The consumers" height={120}>
          {found => <CallersList callers={found} tone={toneOf(status)} />}
        </Loaded>
      </DrawerPart>
    </Drawer>
  );
}

/** Whether it counts as an error, and the way to change that. */
function Expected({ code, marking }: Pick<Props, "code" | "marking">) {
  const action = marking.actionOf(code);
  const isExpected = code.expectedId !== null;
  if (action === null && !isExpected) return null;
  return (
    <div className="drawer-choice">
      <p className="muted">
        {isExpected
          ? "Marked as expected: it is not counted as an error anywhere."
          : "If callers are meant to get this answer, it need not count as an error."}
      </p>
      {action && (
        <button type="button" className="button button-small" disabled={marking.submit.busy} onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}
