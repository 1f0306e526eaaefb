/** One row per group of consumers. */
import type { ReactNode } from "react";
import type { ConsumerGroup } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { bytes, duration, exact } from "../../format/numbers";
import { DataTable } from "../../table/DataTable";
import { RowLink } from "../../table/RowLink";
import { type Column, orderBy } from "../../table/sorting";
import { CountBar } from "../../ui/CountBar";
import { ErrorRate } from "../../ui/ErrorRate";
import { Empty, Loaded } from "../../ui/notes";
import { withParams } from "../../url/location";
import type { Scope } from "../../url/useScope";

const failed = (row: ConsumerGroup) => (row.client_errors + row.server_errors) / Math.max(1, row.requests);

const COLUMNS = [
  { key: "group", label: "Group", text: true, value: row => row.group, first: "asc" },
  { key: "members", label: "Consumers", value: row => row.consumers, first: "desc" },
  { key: "errors", label: "Errors", hint: "Share answered with 4xx or 5xx", value: failed, first: "desc" },
  { key: "bytes", label: "Data out", value: row => row.response_bytes, first: "desc" },
  { key: "p95", label: "p95", hint: "Within 9 %", value: row => row.p95_ms, first: "desc" },
  { key: "requests", label: "Requests", value: row => row.requests, first: "desc" },
] as const satisfies readonly Column<ConsumerGroup>[];

const ORDER = orderBy<ConsumerGroup>(COLUMNS, COLUMNS[5], row => row.group ?? "");

export function GroupsTable({ scope, tools }: { scope: Scope; tools: ReactNode }) {
  const groups = useQuery(`groups/${scope.key}`, signal => queries.consumerGroups(scope.appId, scope.query(), signal));
  return (
    <Loaded answer={groups} what="The groups" height={320}>
      {({ data }) => <Rows groups={data} tools={tools} />}
    </Loaded>
  );
}

function Rows({ groups, tools }: { groups: readonly ConsumerGroup[]; tools: ReactNode }) {
  const top = Math.max(1, ...groups.map(group => group.requests));
  const linkOf = ({ group }: ConsumerGroup) => (group === null ? null : withParams({ by: null, q: group }));
  const cells = {
    group: (row: ConsumerGroup) => {
      const to = linkOf(row);
      return to === null ? (
        <span className="muted">Without a group</span>
      ) : (
        <RowLink to={to} title={`The consumers of ${row.group}`}>
          {row.group}
        </RowLink>
      );
    },
    members: (row: ConsumerGroup) => exact(row.consumers),
    errors: (row: ConsumerGroup) => <ErrorRate of={row} />,
    bytes: (row: ConsumerGroup) => bytes(row.response_bytes),
    p95: (row: ConsumerGroup) => duration(row.p95_ms),
    requests: (row: ConsumerGroup) => <CountBar count={row.requests} top={top} tone="requests" />,
  };
  return (
    <DataTable
      name="groups"
      title="Groups of consumers"
      order={ORDER}
      rows={groups}
      keyOf={row => row.group ?? ""}
      cells={cells}
      linkOf={linkOf}
      search={{ placeholder: "Search groups", label: "Search groups", text: row => row.group ?? "" }}
      tools={tools}
      empty={<Empty title="No consumer has a group">The app names it beside the consumer.</Empty>}
      nothingFits="No group fits"
    />
  );
}
