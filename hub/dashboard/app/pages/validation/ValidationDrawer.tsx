/** One invalid field: what is wrong, since when, and who sends it. */
import { callersOfField } from "../../api/callers";
import type { ValidationError } from "../../api/model";
import { useQuery } from "../../api/useQuery";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { CallersList } from "../../ui/Callers";
import { Drawer, DrawerPart, Facts } from "../../ui/Drawer";
import { EndpointName } from "../../ui/EndpointName";
import { Loaded } from "../../ui/notes";
import type { Scope } from "../../url/useScope";
import { GroupCourse, useErrorGroup } from "../errors/GroupCourse";
import { FieldName } from "./FieldName";
import { fieldOf, groupId } from "./validationState";

interface Props {
  appId: string;
  scope: Scope;
  group: ValidationError;
  onClose: () => void;
}

export function ValidationDrawer({ appId, scope, group, onClose }: Props) {
  const callers = useQuery(`callers/${scope.key}/${groupId(group)}`, signal =>
    callersOfField(appId, scope.query(), group, signal),
  );
  const course = useErrorGroup(scope, group.group_id);
  const status = String(group.status);
  const { first_seen_at, last_seen_at, count, consumers } = group;
  return (
    <Drawer
      label={`Validation error of ${fieldOf(group)}`}
      onClose={onClose}
      title={
        <>
          <h2 className="drawer-field">
            <FieldName row={group} />
          </h2>
          <EndpointName method={group.method} path={group.path} />
        </>
      }
    >
      <Facts
        of={[
          { label: "Count", value: exact(count) },
          { label: "Status", value: status },
          { label: "Consumers", value: consumers > 0 ? exact(consumers) : "–", title: "Of those with a name" },
          { label: "First seen", value: dateTime(first_seen_at), title: fullTime(first_seen_at) },
          { label: "Last seen", value: ago(last_seen_at, Date.now() / 1000), title: fullTime(last_seen_at) },
        ]}
      />
      <DrawerPart
        title="What is wrong"
        aside={group.code !== "" && <span className="tag mono">rule: {group.code}</span>}
      >
        <p className="drawer-message">{group.message}</p>
      </DrawerPart>
      <GroupCourse
        scope={scope}
        group={course}
        of={{ method: group.method, path: group.path, status }}
        color="var(--status-4)"
      />
      <DrawerPart title="Who sends it">
        <Loaded answer={callers} what="The consumers" height={120}>
          {found => <CallersList callers={found} tone="client" />}
        </Loaded>
      </DrawerPart>
    </Drawer>
  );
}
