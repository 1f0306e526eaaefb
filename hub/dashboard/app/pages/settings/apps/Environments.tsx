/**
 * The environments of an app. They begin with their first report and need no settings; one that has gone silent can be deleted
 * with all that is stored of it.
 */
import { useState } from "react";
import { deleteEnvironment, environments } from "../../../api/admin";
import { useApps } from "../../../api/apps";
import type { App, ConfiguredEnvironment } from "../../../api/model";
import { useMay } from "../../../api/roles";
import { forgetAnswers, useQuery } from "../../../api/useQuery";
import { ago, fullTime } from "../../../format/time";
import { Confirm } from "../../../forms/Confirm";
import { isStale } from "../../../ui/Freshness";
import { Link } from "../../../ui/Link";
import { Empty, Loaded } from "../../../ui/notes";
import { useNow } from "../../../ui/useNow";
import { pathWith } from "../../../url/location";
import { paths } from "../../../url/scope";
import { ActionButton, ActionHead, DateCell } from "../cells";
import { whyNotYet } from "./environmentState";

export function Environments({ app }: { app: App }) {
  const apps = useApps();
  const answer = useQuery(`environments/${app.app_id}`, signal => environments(app.app_id, signal));
  const [doomed, setDoomed] = useState<string | null>(null);
  const done = () => {
    setDoomed(null);
    // No page may show from memory what is gone.
    forgetAnswers();
    answer.retry();
    apps.retry();
  };
  return (
    <section className="panel" aria-label="Environments">
      <div className="panel-head">
        <h2>Environments</h2>
        <span className="muted">Each begins with its first report; the app names it</span>
      </div>
      <Loaded answer={answer} what="The environments" height={120}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No report yet">
              <Link to={paths.setup(app.app_id)} className="button button-small">
                Connect the app
              </Link>
            </Empty>
          ) : (
            <Rows appId={app.app_id} rows={data} onDelete={setDoomed} />
          )
        }
      </Loaded>
      {doomed !== null && (
        <Confirm
          title={`Delete ${doomed} of ${app.name}?`}
          action="Delete the environment"
          typed={doomed}
          change={() => deleteEnvironment(app.app_id, doomed)}
          onDone={done}
          onClose={() => setDoomed(null)}
        >
          All that is stored of it goes: its counts, latencies, errors and validation errors, request logs, instances,
          resources and losses. The app, its other environments, keys and thresholds stay. This cannot be undone; should
          it report again, it begins anew.
        </Confirm>
      )}
    </section>
  );
}

interface RowsProps {
  appId: string;
  rows: readonly ConfiguredEnvironment[];
  onDelete: (env: string) => void;
}

function Rows({ appId, rows, onDelete }: RowsProps) {
  const now = useNow();
  const isAdmin = useMay("admin", appId);
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Environment</th>
            <th className="hide-narrow">First report</th>
            <th>Last report</th>
            <th className="hide-narrow">Instances</th>
            {isAdmin && <ActionHead />}
          </tr>
        </thead>
        <tbody>
          {rows.map(one => (
            <tr key={one.env}>
              <td>
                <Link
                  to={pathWith(paths.traffic(appId), new URLSearchParams(), { env: one.env })}
                  className="endpoint-link"
                >
                  {one.env}
                </Link>
              </td>
              <DateCell at={one.first_report_at} />
              <td title={fullTime(one.last_report_at)}>
                <LastReport of={one} now={now} />
              </td>
              <td className="hide-narrow">{one.instances}</td>
              {isAdmin && (
                <td>
                  <Deletion of={one} now={now} onDelete={onDelete} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LastReport({ of, now }: { of: ConfiguredEnvironment; now: number }) {
  const { last_report_at } = of;
  if (last_report_at === null) return <span className="muted">nothing is stored</span>;
  return (
    <span className="light" data-light={isStale({ last_report_at }, now) ? "warn" : "good"}>
      <i aria-hidden="true" /> {ago(last_report_at, now)}
    </span>
  );
}

interface DeletionProps {
  of: ConfiguredEnvironment;
  now: number;
  onDelete: (env: string) => void;
}

/** The way to delete it, or from when on there is one. */
function Deletion({ of: { env, deletable_at }, now, onDelete }: DeletionProps) {
  const reason = whyNotYet(deletable_at, now);
  if (reason !== null)
    return (
      <span className="muted not-yet" title={`From ${fullTime(deletable_at)} on, if nothing more is reported`}>
        {reason}
      </span>
    );
  return (
    <ActionButton label={`Delete ${env}…`} run={() => onDelete(env)}>
      Delete…
    </ActionButton>
  );
}
