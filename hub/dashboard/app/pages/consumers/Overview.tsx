/** How many consumers there are, how many of them are new, and when those came. */
import type { Consumer, Range } from "../../api/model";
import { TimeChart } from "../../charts/TimeChart";
import { exact, percent } from "../../format/numbers";
import type { Scope } from "../../url/useScope";
import { arrivals } from "./arrivals";
import { groupsOf, isNew } from "./groups";

interface Props {
  rows: readonly Consumer[];
  range: Range;
  scope: Scope;
}

export function Overview({ rows, range, scope }: Props) {
  const fresh = rows.filter(row => isNew(row, range)).length;
  const groups = groupsOf(rows).filter(group => group.name !== null).length;
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
        <h2>New consumers over time</h2>
        <TimeChart
          model={arrivals(rows, range)}
          label="New consumers over time"
          height={116}
          legend={false}
          onZoom={scope.zoom}
          onReset={scope.resetZoom}
        />
      </div>
    </section>
  );
}
