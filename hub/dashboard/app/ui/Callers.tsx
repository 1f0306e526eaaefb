/** Who was affected, the most first; a click narrows the page to one of them. */
import type { Callers } from "../api/callers";
import { withParams } from "../url/location";
import { type BarTone, CountBar } from "./CountBar";
import { Link } from "./Link";

interface Props {
  callers: Callers;
  tone: BarTone;
}

export function CallersList({ callers: { rows, rest }, tone }: Props) {
  const top = Math.max(rest, ...rows.map(row => row.count));
  if (rows.length === 0)
    return (
      <p className="muted">
        None of these requests has a consumer with a name. The app names them with{" "}
        <code>sendry_sdk::set_consumer(…)</code>, best where it authenticates them.
      </p>
    );
  return (
    <ul className="callers">
      {rows.map(({ identifier, name, group, count }) => (
        <li key={identifier}>
          <Link to={withParams({ consumer: identifier })} title={`Show only what ${identifier} called`}>
            <span className="caller-name">
              {name ?? identifier}
              {group !== null && <span className="muted">{group}</span>}
            </span>
            <CountBar count={count} top={top} tone={tone} />
          </Link>
        </li>
      ))}
      {rest > 0 && (
        <li>
          <span>
            <span className="caller-name muted">Others, or without a name</span>
            <CountBar count={rest} top={top} tone="plain" />
          </span>
        </li>
      )}
    </ul>
  );
}
