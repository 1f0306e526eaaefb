/** One group of errors: when it happened, and with which versions of the app. */
import type { ErrorGroup, Range } from "../../api/model";
import * as queries from "../../api/queries";
import { useReleases } from "../../api/releases";
import { type Answer, useQuery } from "../../api/useQuery";
import { decorated } from "../../charts/decorated";
import { countsOverTime } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { ago, dateTime, fullTime } from "../../format/time";
import { DrawerPart } from "../../ui/Drawer";
import { LogsLink } from "../../ui/LogsLink";
import { Loaded } from "../../ui/notes";
import { openLogsOf } from "../../url/logsOf";
import type { Scope } from "../../url/useScope";
import "./group.css";

export type GroupAnswer = { range: Range; as_of: number | null; data: ErrorGroup };

export const useErrorGroup = (scope: Scope, groupId: string): Answer<GroupAnswer> =>
  useQuery(`group/${scope.wholeKey}/${groupId}`, signal =>
    queries.errorGroup(scope.appId, groupId, scope.query(), signal),
  );

interface Props {
  scope: Scope;
  group: Answer<GroupAnswer>;
  /** The requests that such an error belongs to. */
  of: { method: string; path: string; status: string };
  color: string;
}

export function GroupCourse({ scope, group, of, color }: Props) {
  const releases = useReleases(scope);
  return (
    <>
      <DrawerPart title="Since when" aside={<LogsLink of={of}>Its requests</LogsLink>}>
        <Loaded answer={group} what="The course of this error" height={140}>
          {({ range, as_of, data }) => (
            <TimeChart
              model={decorated(countsOverTime({ range, as_of, data: data.counts }, "Errors", color), null, releases)}
              label="This error over time"
              legend={false}
              height={140}
              onZoom={scope.zoom}
              onReset={scope.resetZoom}
              onPick={(from, to) => openLogsOf(from, to, of)}
            />
          )}
        </Loaded>
      </DrawerPart>
      <DrawerPart title="Versions">
        <Loaded answer={group} what="The versions" height={60}>
          {({ data }) => <Versions versions={data.versions} />}
        </Loaded>
      </DrawerPart>
    </>
  );
}

function Versions({ versions }: Pick<ErrorGroup, "versions">) {
  if (versions.length === 0)
    return (
      <p className="muted">The app does not say its version; the SDK takes it from the environment or its builder.</p>
    );
  return (
    <table className="versions">
      <thead>
        <tr>
          <th>Version</th>
          <th>First seen</th>
          <th>Last seen</th>
        </tr>
      </thead>
      <tbody>
        {versions.map(({ version, first_seen_at, last_seen_at }) => (
          <tr key={version}>
            <td className="mono">{version === "" ? "unknown" : version}</td>
            <td title={fullTime(first_seen_at)}>{dateTime(first_seen_at)}</td>
            <td title={fullTime(last_seen_at)}>{ago(last_seen_at, Date.now() / 1000)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
