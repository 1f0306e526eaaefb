/** How many consumers there are, how many of them are new, and when those came. */
import type { Consumer, Range } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { newAndReturning } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { exact, percent } from "../../format/numbers";
import { Loaded } from "../../ui/notes";
import type { Scope } from "../../url/useScope";
import { isNew } from "./groups";

interface Props {
  rows: readonly Consumer[];
  range: Range;
  scope: Scope;
}

export function Overview({ rows, range, scope }: Props) {
  const fresh = rows.filter(row => isNew(row, range)).length;
  const groups = new Set(rows.flatMap(row => row.group ?? [])).size;
  const activity = useQuery(`activity/${scope.key}`, signal =>
    queries.consumerActivity(scope.appId, scope.query(), signal),
  );
  const figures = [
    { label: "Active", value: exact(rows.length), note: `in ${exact(groups)} groups` },
    { label: "New", value: exact(fresh), note: "seen for the first time in this range" },
    {
      label: "Returning",
      value: exact(rows.length - fresh),
      note: `${percent(rows.length - fresh, rows.length)} of all`,
    },
  ];
  return (
    <section className="panel consumer-overview" aria-label="New and returning consumers">
      <dl>
        {figures.map(({ label, value, note }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {value} <small className="muted">{note}</small>
            </dd>
          </div>
        ))}
      </dl>
      <div>
        <h2>New and returning over time</h2>
        <Loaded answer={activity} what="The consumers over time" height={150}>
          {answer => (
            <TimeChart
              model={newAndReturning(answer)}
              label="New and returning consumers over time"
              height={124}
              onZoom={scope.zoom}
              onReset={scope.resetZoom}
            />
          )}
        </Loaded>
      </div>
    </section>
  );
}
