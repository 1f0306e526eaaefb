/** Where one is logged in, and the way to end that. */
import { endOtherSessions, endOwnSession, ownSessions } from "../../../api/admin";
import { useQuery } from "../../../api/useQuery";
import { ago, fullTime } from "../../../format/time";
import { Refusal } from "../../../forms/Refusal";
import { useSubmit } from "../../../forms/useSubmit";
import { Loaded } from "../../../ui/notes";
import { useNow } from "../../../ui/useNow";
import { ActionButton, ActionHead, DateCell } from "../cells";
import { browserOf } from "./browser";

export function Sessions() {
  const answer = useQuery("own-sessions", ownSessions);
  const submit = useSubmit();
  const now = useNow();
  const change = async (work: () => Promise<unknown>) => {
    if (await submit.run(work)) answer.retry();
  };
  const others = answer.data?.data.some(one => !one.current) ?? false;
  return (
    <section className="panel" aria-label="Sessions">
      <div className="panel-head">
        <h2>Where you are logged in</h2>
        {others && (
          <ActionButton busy={submit.busy} run={() => void change(endOtherSessions)}>
            End all others
          </ActionButton>
        )}
      </div>
      <Refusal of={submit} />
      <Loaded answer={answer} what="Your sessions" height={140}>
        {({ data }) => (
          <div className="table-scroll">
            <table className="table">
              <thead>
                <tr>
                  <th>Browser</th>
                  <th className="hide-narrow">Since</th>
                  <th>Last used</th>
                  <ActionHead />
                </tr>
              </thead>
              <tbody>
                {data.map(session => (
                  <tr key={session.id}>
                    <td className="wraps session">
                      <span title={session.user_agent ?? undefined}>{browserOf(session.user_agent)}</span>
                      <small>{session.address ?? "unknown address"}</small>
                    </td>
                    <DateCell at={session.created_at} />
                    <td title={fullTime(session.last_seen_at)}>{ago(session.last_seen_at, now)}</td>
                    <td>
                      {session.current ? (
                        <span className="tag">this one</span>
                      ) : (
                        <ActionButton busy={submit.busy} run={() => void change(() => endOwnSession(session.id))}>
                          End
                        </ActionButton>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </section>
  );
}
