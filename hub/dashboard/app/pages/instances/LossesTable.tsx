/** What was dropped, folded, cut or expired, and what that means for the numbers. */
import type { Loss } from "../../api/model";
import { exact } from "../../format/numbers";
import { dateTime, fullTime } from "../../format/time";
import { Empty } from "../../ui/notes";
import { lossText } from "./lossTexts";

export function LossesTable({ losses }: { losses: readonly Loss[] }) {
  if (losses.length === 0)
    return <Empty title="Nothing is missing">No loss was counted in this range: the numbers are complete.</Empty>;
  return (
    <div className="table-scroll">
      <table className="table losses">
        <thead>
          <tr>
            <th>What was lost, and what it means</th>
            <th>Count</th>
            <th>First</th>
            <th>Last</th>
          </tr>
        </thead>
        <tbody>
          {losses.map(loss => {
            const { title, meaning } = lossText(loss.reason);
            return (
              <tr key={`${loss.reason} ${loss.detail}`}>
                <td className="wraps">
                  <b>{title}</b>
                  {loss.detail !== "" && <code>{loss.detail}</code>}
                  <p className="muted">{meaning}</p>
                </td>
                <td>{exact(loss.count)}</td>
                <td title={fullTime(loss.first_seen_at)}>{dateTime(loss.first_seen_at)}</td>
                <td title={fullTime(loss.last_seen_at)}>{dateTime(loss.last_seen_at)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
