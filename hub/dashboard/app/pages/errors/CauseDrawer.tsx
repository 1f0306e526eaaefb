/** One cause of server errors: its message, where it happened, and the backtrace of a panic. */
import type { ServerError } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { requestsByCode } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { CopyButton } from "../../ui/CopyButton";
import { Drawer, DrawerPart, Facts } from "../../ui/Drawer";
import { EndpointName } from "../../ui/EndpointName";
import { LogsLink } from "../../ui/LogsLink";
import { Loaded } from "../../ui/notes";
import { openLogsOf } from "../../url/logsOf";
import type { Scope } from "../../url/useScope";

interface Props {
  scope: Scope;
  cause: ServerError;
  onClose: () => void;
}

export function CauseDrawer({ scope, cause, onClose }: Props) {
  const { method, path, status, type, message, location, backtrace, count, consumers } = cause;
  return (
    <Drawer
      label={`${type}: ${message}`}
      onClose={onClose}
      title={
        <>
          <h2 className="mono">{type}</h2>
          <EndpointName method={method} path={path} />
        </>
      }
    >
      <Facts
        of={[
          { label: "Count", value: exact(count) },
          { label: "Status", value: status },
          { label: "Consumers", value: consumers > 0 ? exact(consumers) : "–", title: "Of those with a name" },
          { label: "First seen", value: dateTime(cause.first_seen_at), title: fullTime(cause.first_seen_at) },
          {
            label: "Last seen",
            value: ago(cause.last_seen_at, Date.now() / 1000),
            title: fullTime(cause.last_seen_at),
          },
        ]}
      />
      <DrawerPart
        title="Requests with this status"
        aside={<LogsLink of={{ status: String(status), method, path }}>Its requests</LogsLink>}
      >
        <Course scope={scope} cause={cause} />
      </DrawerPart>
      <DrawerPart title="Message">
        <p className="drawer-message">{message}</p>
      </DrawerPart>
      {location !== null && (
        <DrawerPart title="Location" aside={<CopyButton text={location} what="the location" />}>
          <p className="mono">{location}</p>
        </DrawerPart>
      )}
      {backtrace !== null && (
        <DrawerPart title="Backtrace" aside={<CopyButton text={backtrace} what="the backtrace" />}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long backtrace is scrolled with the keyboard */}
          <pre tabIndex={0}>{backtrace}</pre>
        </DrawerPart>
      )}
    </Drawer>
  );
}

/** The answers of this status over time: causes themselves are counted over the range only. */
function Course({ scope, cause }: { scope: Scope; cause: ServerError }) {
  const { method, path } = cause;
  const status = String(cause.status);
  const traffic = useQuery(`traffic/${scope.key}/${status} ${method} ${path}`, signal =>
    queries.traffic(scope.appId, { ...scope.query(), method, path, status }, signal),
  );
  return (
    <Loaded answer={traffic} what="The course of this status" height={130}>
      {answer => (
        <TimeChart
          model={requestsByCode(answer)}
          label={`${status} over time`}
          legend={false}
          height={130}
          onZoom={scope.zoom}
          onReset={scope.resetZoom}
          onPick={(from, to) => openLogsOf(from, to, { status, method, path })}
        />
      )}
    </Loaded>
  );
}
