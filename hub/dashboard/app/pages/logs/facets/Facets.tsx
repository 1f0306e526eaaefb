/** What the requests that fit have, with counts: a click narrows the list to it, a second takes that away. */
import type { LogFacets } from "../../../api/model";
import { count, exact } from "../../../format/numbers";
import { MethodBadge } from "../../../ui/MethodBadge";
import type { LogQuery } from "../query/query";
import { StatusMark } from "../StatusMark";
import "./facets.css";

const SHOWN = 8;

interface Props {
  facets: LogFacets;
  query: LogQuery;
  change: (changes: LogQuery) => void;
}

interface Value {
  key: string;
  label: React.ReactNode;
  title: string;
  count: number;
  on: boolean;
  changes: LogQuery;
}

export function Facets({ facets, query, change }: Props) {
  const classes = classesOf(facets.statuses);
  const groups: { title: string; values: Value[] }[] = [
    {
      title: "Status",
      values: [
        ...classes.map(({ name, count: n }) => toggle("status", name, n, query, <b className="mono">{name}</b>)),
        ...facets.statuses
          .slice(0, SHOWN)
          .map(({ status, count: n }) => toggle("status", String(status), n, query, <StatusMark status={status} />)),
      ],
    },
    {
      title: "Consumer",
      values: facets.consumers.slice(0, SHOWN).flatMap(({ consumer, count: n }) => {
        const { identifier, name } = consumer;
        return identifier == null ? [] : [toggle("consumer", identifier, n, query, name ?? identifier)];
      }),
    },
    {
      title: "Endpoint",
      values: facets.endpoints.slice(0, SHOWN).map(({ method, path, count: n }) => ({
        key: `${method} ${path}`,
        label: (
          <>
            <MethodBadge method={method} /> <span className="mono">{path}</span>
          </>
        ),
        title: `${method} ${path}`,
        count: n,
        on: query.method === method && query.path === path,
        changes: query.method === method && query.path === path ? { method: "", path: "" } : { method, path },
      })),
    },
    {
      title: "Method",
      values: facets.methods.map(({ method, count: n }) =>
        toggle("method", method, n, query, <MethodBadge method={method} />),
      ),
    },
  ];
  return (
    <div className="facets">
      {groups
        .filter(({ values }) => values.length > 0)
        .map(({ title, values }) => (
          <section key={title} aria-label={title}>
            <h2>{title}</h2>
            <ul>
              {values.map(value => (
                <li key={value.key}>
                  <button
                    type="button"
                    aria-pressed={value.on}
                    title={`${value.title}: ${exact(value.count)} requests`}
                    onClick={() => change(value.changes)}
                  >
                    <i aria-hidden="true" style={{ width: `${(value.count / Math.max(1, facets.requests)) * 100}%` }} />
                    <span>{value.label}</span>
                    <em>{count(value.count)}</em>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}

function toggle(
  name: "status" | "consumer" | "method",
  value: string,
  requests: number,
  query: LogQuery,
  label: React.ReactNode,
): Value {
  const on = query[name] === value;
  return { key: value, label, title: value, count: requests, on, changes: { [name]: on ? "" : value } };
}

/** Statuses by their hundreds, where a class has more than one of them. */
export function classesOf(statuses: readonly { status: number; count: number }[]): { name: string; count: number }[] {
  const classes = new Map<string, { count: number; codes: number }>();
  for (const { status, count: n } of statuses) {
    const name = `${Math.floor(status / 100)}xx`;
    const before = classes.get(name) ?? { count: 0, codes: 0 };
    classes.set(name, { count: before.count + n, codes: before.codes + 1 });
  }
  return [...classes]
    .filter(([, { codes }]) => codes > 1)
    .map(([name, { count: n }]) => ({ name, count: n }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}
