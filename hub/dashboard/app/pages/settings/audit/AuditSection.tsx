/** Who changed what, when and from where: the newest first, page by page. */
import { useEffect, useState } from "react";
import { auditLog } from "../../../api/admin";
import { useApps } from "../../../api/apps";
import type { AuditEntry } from "../../../api/model";
import { useQuery } from "../../../api/useQuery";
import { saveAs } from "../../../format/csv";
import { dateTime, fullTime } from "../../../format/time";
import { useScopeName } from "../../../forms/GrantFields";
import { Refusal } from "../../../forms/Refusal";
import { useSubmit } from "../../../forms/useSubmit";
import { DownloadIcon } from "../../../ui/icons";
import { Empty, Loaded } from "../../../ui/notes";
import { navigate, useLocation, withParams } from "../../../url/location";
import { ACTIONS, actionText, auditCsv, detailsText } from "./entries";

export function AuditSection() {
  const { params } = useLocation();
  const filter = {
    ...(params.get("app") && { app_id: params.get("app") ?? "" }),
    ...(params.get("action") && { action: params.get("action") ?? "" }),
  };
  const key = JSON.stringify(filter);
  return <Log key={key} name={key} filter={filter} />;
}

type Filter = Parameters<typeof auditLog>[0];

function Log({ name, filter }: { name: string; filter: Filter }) {
  const first = useQuery(`audit/${name}`, signal => auditLog(filter, undefined, signal));
  const [older, setOlder] = useState<AuditEntry[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const submit = useSubmit();
  const firstNext = first.data?.next ?? null;
  // A refresh begins again with the newest page.
  useEffect(() => {
    setOlder([]);
    setNext(firstNext);
  }, [firstNext]);
  const more = () =>
    submit.run(async () => {
      const page = await auditLog(filter, next ?? undefined, new AbortController().signal);
      setOlder(before => [...before, ...page.data]);
      setNext(page.next);
    });
  const rows = [...(first.data?.data ?? []), ...older];
  return (
    <div className="settings">
      <section className="panel" aria-label="Audit log">
        <div className="panel-head">
          <h2>Audit log</h2>
          <div className="filters">
            <Filters filter={filter} />
            <button
              type="button"
              className="button"
              disabled={rows.length === 0}
              title="Save what is on screen as CSV"
              onClick={() => saveAs("audit-log.csv", auditCsv(rows))}
            >
              <DownloadIcon /> CSV
            </button>
          </div>
        </div>
        <Loaded answer={first} what="The audit log" height={420}>
          {() => (rows.length === 0 ? <Empty title="Nothing was changed" /> : <Entries rows={rows} />)}
        </Loaded>
        <Refusal of={submit} />
        {next !== null && (
          <button type="button" className="button table-more" disabled={submit.busy} onClick={() => void more()}>
            Show older
          </button>
        )}
      </section>
    </div>
  );
}

function Filters({ filter }: { filter: Filter }) {
  const apps = useApps().data?.data ?? [];
  return (
    <>
      <select
        className="select"
        aria-label="App"
        value={filter.app_id ?? ""}
        onChange={event => navigate(withParams({ app: event.target.value }))}
      >
        <option value="">All apps, and the hub</option>
        {apps.map(app => (
          <option key={app.app_id} value={app.app_id}>
            {app.name}
          </option>
        ))}
      </select>
      <select
        className="select"
        aria-label="What happened"
        value={filter.action ?? ""}
        onChange={event => navigate(withParams({ action: event.target.value }))}
      >
        <option value="">Everything</option>
        {Object.entries(ACTIONS).map(([action, text]) => (
          <option key={action} value={action}>
            {text}
          </option>
        ))}
      </select>
    </>
  );
}

function Entries({ rows }: { rows: readonly AuditEntry[] }) {
  const scopeName = useScopeName();
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>When</th>
            <th className="text">Who</th>
            <th className="text">What</th>
            <th className="text hide-narrow">Where</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.id}>
              <td title={fullTime(row.at)}>{dateTime(row.at)}</td>
              <td className="text wraps person">
                {row.actor.name}
                <small>{row.actor.address ?? (row.actor.kind === "cli" ? "command line" : row.actor.kind)}</small>
              </td>
              <td className="text wraps">
                {actionText(row.action)} {row.target_name && <b>{row.target_name}</b>}
                <div className="audit-details">{detailsText(row.details, scopeName)}</div>
              </td>
              <td className="text hide-narrow">{scopeName(row.app_id)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
