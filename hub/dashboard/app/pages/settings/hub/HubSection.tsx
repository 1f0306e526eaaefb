/** What the hub's configuration says: how people log in, and how long things are kept. Changed in the configuration alone. */
import type { ReactNode } from "react";
import { settings } from "../../../api/admin";
import { useQuery } from "../../../api/useQuery";
import { Loaded } from "../../../ui/notes";
import { Retention } from "./Retention";

export function HubSection() {
  const answer = useQuery("settings", settings);
  return (
    <div className="settings">
      <Loaded answer={answer} what="The settings of the hub" height={320}>
        {hub => (
          <>
            <Facts title="Log-in" note="Set in the configuration of the hub">
              <Fact name="With a password">{hub.password_log_in ? "yes" : "no"}</Fact>
              <Fact name="Identity provider (OpenID Connect)">{hub.provider ?? "none is set"}</Fact>
              <Fact name="A session that nobody uses ends after">{hoursText(hub.session_idle_hours)}</Fact>
              <Fact name="Any session ends after">{hub.session_max_days} days</Fact>
            </Facts>
            <Retention hub={hub} />
          </>
        )}
      </Loaded>
    </div>
  );
}

const hoursText = (hours: number) => (hours % 24 === 0 && hours > 24 ? `${hours / 24} days` : `${hours} hours`);

function Facts({ title, note, children }: { title: string; note: string; children: ReactNode }) {
  return (
    <section className="panel hub-facts" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        <span className="muted">{note}</span>
      </div>
      <dl>{children}</dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
