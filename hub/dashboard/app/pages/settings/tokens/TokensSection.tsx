/** Tokens for programs that ask the API: made, shown once, revoked, and when each was used last. */
import { useState } from "react";
import { revokeToken, tokens } from "../../../api/admin";
import type { Token } from "../../../api/model";
import { useQuery } from "../../../api/useQuery";
import { ago, dateTime, fullTime } from "../../../format/time";
import { Confirm } from "../../../forms/Confirm";
import { useScopeName } from "../../../forms/GrantFields";
import { Secret } from "../../../forms/Secret";
import { PlusIcon } from "../../../ui/icons";
import { Empty, Loaded } from "../../../ui/notes";
import { useNow } from "../../../ui/useNow";
import { ActionButton, DateCell } from "../cells";
import { TokenDialog } from "./TokenDialog";

export function TokensSection() {
  const answer = useQuery("tokens", tokens);
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  const [revoked, setRevoked] = useState<Token | null>(null);
  return (
    <div className="settings">
      <section className="panel" aria-label="API tokens">
        <div className="panel-head">
          <h2>API tokens</h2>
          <button type="button" className="button button-primary" onClick={() => setMaking(true)}>
            <PlusIcon /> New token
          </button>
        </div>
        <p className="panel-note">
          A program sends its token as <code>Authorization: Bearer …</code>. Only hashes are kept; a token is known by
          its first characters.
        </p>
        {made && (
          <Secret value={made.token} what="the token" onClose={() => setMade(null)}>
            This is the token <b>{made.name}</b>. It is shown now and never again.
          </Secret>
        )}
        <Loaded answer={answer} what="The tokens" height={160}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title="No tokens yet">Scripts and other programs read the API with one.</Empty>
            ) : (
              <TokenTable tokens={data} onRevoke={setRevoked} />
            )
          }
        </Loaded>
      </section>
      {isMaking && (
        <TokenDialog
          onMade={token => {
            setMade(token);
            setMaking(false);
            answer.retry();
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {revoked && (
        <Confirm
          title={`Revoke the token “${revoked.name}”?`}
          action="Revoke"
          change={() => revokeToken(revoked.id)}
          onDone={() => {
            setRevoked(null);
            answer.retry();
          }}
          onClose={() => setRevoked(null)}
        >
          Programs that send it are refused within seconds. A revoked token cannot be brought back.
        </Confirm>
      )}
    </div>
  );
}

function TokenTable({ tokens: rows, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  const now = useNow();
  const scopeName = useScopeName();
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Token</th>
            <th className="text">May</th>
            <th className="hide-narrow">Made</th>
            <th className="hide-narrow">Ends</th>
            <th>Last used</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(token => {
            const isOver = token.expires_at !== null && token.expires_at <= now;
            const isOff = isOver || token.revoked_at !== null;
            return (
              <tr key={token.id} data-off={isOff || undefined}>
                <td className="wraps person">
                  {token.name}
                  <small className="mono">{token.prefix}…</small>
                </td>
                <td className="text">
                  <span className="grant" data-role={token.role}>
                    {token.role} · {scopeName(token.app_id)}
                  </span>
                </td>
                <DateCell at={token.created_at} by={token.created_by ?? "the command line"} />
                <DateCell at={token.expires_at} none="never" />
                <td title={fullTime(token.last_used_at)}>{ago(token.last_used_at, now)}</td>
                <td>
                  {token.revoked_at !== null ? (
                    <span className="muted">revoked {dateTime(token.revoked_at)}</span>
                  ) : isOver ? (
                    <span className="muted">has ended</span>
                  ) : (
                    <ActionButton run={() => onRevoke(token)}>Revoke…</ActionButton>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
