/** One cause of server errors: its message, where it happened, and the backtrace of a panic. */
import { hitBy } from "../../api/callers";
import type { ServerError } from "../../api/model";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { CallersList } from "../../ui/Callers";
import { CopyButton } from "../../ui/CopyButton";
import { Drawer, DrawerPart, Facts } from "../../ui/Drawer";
import { EndpointName } from "../../ui/EndpointName";
import { Loaded } from "../../ui/notes";
import type { Scope } from "../../url/useScope";
import { GroupCourse, useErrorGroup } from "./GroupCourse";

interface Props {
  scope: Scope;
  cause: ServerError;
  onClose: () => void;
}

export function CauseDrawer({ scope, cause, onClose }: Props) {
  const group = useErrorGroup(scope, cause.group_id);
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
      <GroupCourse scope={scope} group={group} of={{ status: String(status), method, path }} color="var(--status-5)" />
      <DrawerPart title="Who got it">
        <Loaded answer={group} what="The consumers" height={80}>
          {({ data }) => <CallersList callers={hitBy(data, count)} tone="server" />}
        </Loaded>
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
