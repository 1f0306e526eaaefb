/** A row of small bars: requests, with the errors that nobody expects on top. Holes stay empty. */
import type { Range, SparkPoint } from "../api/model";
import { exact } from "../format/numbers";
import { timeSpan } from "../format/time";
import { placeGaps } from "./gaps";

const HEIGHT = 56;
const BAR = 6;

export function Sparkline({ points, range, label }: { points: readonly SparkPoint[]; range: Range; label: string }) {
  const slots = placeGaps(points, range);
  const top = Math.max(1, ...points.map(point => point.requests));
  const tall = (count: number) => (count === 0 ? 0 : Math.max(0.8, (count / top) * HEIGHT));
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${Math.max(1, slots.length) * BAR} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {slots.map(({ start, end, step }, index) => {
        if (!step) return null;
        const expectedClient = step.expected_errors - step.expected_server_errors;
        const server = tall(step.server_errors - step.expected_server_errors);
        const [client, all] = [tall(step.client_errors - expectedClient), tall(step.requests)];
        const fine = Math.max(0, all - server - client);
        const bar = (bottom: number, height: number, name: string) =>
          height > 0 && (
            <rect
              x={index * BAR}
              width={BAR - 1.2}
              y={HEIGHT - bottom - height}
              height={height}
              style={{ fill: `var(--status-${name})` }}
            />
          );
        return (
          <g key={start}>
            <title>{`${timeSpan(start, end)}: ${exact(step.requests)} requests, ${errorsText(step)}`}</title>
            {bar(0, fine, "2")}
            {bar(fine, client, "4")}
            {bar(fine + client, server, "5")}
          </g>
        );
      })}
    </svg>
  );
}

/** `3 errors, 2 more expected`. */
function errorsText({ client_errors, server_errors, expected_errors }: SparkPoint): string {
  const errors = `${exact(client_errors + server_errors - expected_errors)} errors`;
  return expected_errors > 0 ? `${errors}, ${exact(expected_errors)} more expected` : errors;
}
