/** How often each status code was answered in the range, as bars with their counts. */
import type { ChartSeries } from "../../charts/model";
import { exact, percent } from "../../format/numbers";

interface Props {
  totals: readonly [string, number][];
  /** The series of the chart beside it, whose legend this is. */
  series: readonly ChartSeries[];
}

export function StatusCodes({ totals, series }: Props) {
  const colorOf = (status: string) => series.find(one => one.label === status)?.color;
  const all = totals.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return null;
  return (
    <table className="status-codes">
      <caption className="visually-hidden">Requests by status code</caption>
      <tbody>
        {totals.map(([status, count]) => (
          <tr key={status}>
            <th scope="row" className="mono">
              {status}
            </th>
            <td className="status-bar">
              <i style={{ width: `${Math.max(1.5, (count / all) * 100)}%`, background: colorOf(status) }} />
            </td>
            <td>{exact(count)}</td>
            <td className="muted">{percent(count, all)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
