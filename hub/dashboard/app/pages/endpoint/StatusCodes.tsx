/** How often each status code was answered in the range, as bars with their counts. */
import { classColor } from "../../charts/palette";
import { exact, percent } from "../../format/numbers";

export function StatusCodes({ totals }: { totals: readonly [string, number][] }) {
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
              <i style={{ width: `${Math.max(1.5, (count / all) * 100)}%`, background: classColor(status) }} />
            </td>
            <td>{exact(count)}</td>
            <td className="muted">{percent(count, all)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
