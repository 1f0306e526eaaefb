/** The keys of an app: when each was used last, and the way to revoke one. */
import { type ReactNode, useState } from "react";
import type { AppKey } from "../../api/model";
import * as queries from "../../api/queries";
import { useCanEdit } from "../../api/session";
import { useQuery } from "../../api/useQuery";
import { ago, dateTime, fullTime } from "../../format/time";
import { Empty, Loaded } from "../../ui/notes";
import { useNow } from "../../ui/useNow";

const KINDS: Record<string, string> = { write_key: "Write key", client_id: "Client id" };

interface Props {
  appId: string;
  /** What can be done, at the right of the title. */
  action?: ReactNode;
  children?: ReactNode;
}

export function Keys({ appId, action, children }: Props) {
  const answer = useQuery(`keys/${appId}`, signal => queries.keys(appId, signal));
  const [problem, setProblem] = useState<string | null>(null);
  const revoke = async (id: string) => {
    setProblem(null);
    try {
      await queries.revokeKey(appId, id);
      answer.retry();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section className="panel keys" aria-label="Keys">
      <div className="panel-head">
        <h2>Keys</h2>
        {action ?? <span className="muted">Only hashes are kept; a key is known by its first characters</span>}
      </div>
      {children}
      {problem && <p className="field-error">{problem}</p>}
      <Loaded answer={answer} what="The keys" height={120}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No keys" />
          ) : (
            <div className="table-scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th>Key</th>
                    <th className="text key-detail">Kind</th>
                    <th className="key-detail">Made</th>
                    <th>Last used</th>
                    <th>State</th>
                  </tr>
                </thead>
                <tbody>
                  {data.map(key => (
                    <KeyRow key={key.id} entry={key} revoke={() => revoke(key.id)} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </section>
  );
}

function KeyRow({ entry, revoke }: { entry: AppKey; revoke: () => Promise<void> }) {
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const canEdit = useCanEdit();
  return (
    <tr data-revoked={entry.revoked_at !== null || undefined}>
      <td className="mono">{entry.prefix}…</td>
      <td className="text key-detail">{KINDS[entry.kind] ?? entry.kind}</td>
      <td className="key-detail" title={fullTime(entry.created_at)}>
        {dateTime(entry.created_at)}
      </td>
      <td title={fullTime(entry.last_used_at)}>{ago(entry.last_used_at, now)}</td>
      <td>
        {entry.revoked_at !== null ? (
          <span className="muted">revoked {dateTime(entry.revoked_at)}</span>
        ) : !canEdit ? (
          <span className="muted">valid</span>
        ) : asking ? (
          <span className="confirm">
            Apps with this key stop reporting.
            <button type="button" className="button button-small button-danger" onClick={() => void revoke()}>
              Revoke
            </button>
            <button type="button" className="button button-small" onClick={() => setAsking(false)}>
              Keep
            </button>
          </span>
        ) : (
          <button type="button" className="button button-small" onClick={() => setAsking(true)}>
            Revoke…
          </button>
        )}
      </td>
    </tr>
  );
}
