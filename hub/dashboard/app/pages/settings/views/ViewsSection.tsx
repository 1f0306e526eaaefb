/** All saved views that the reader sees: opened, renamed, shared, deleted. */
import { useState } from "react";
import { changeView, deleteView, views } from "../../../api/admin";
import type { View } from "../../../api/model";
import { may, useGrants } from "../../../api/roles";
import { useQuery } from "../../../api/useQuery";
import { FormDialog } from "../../../forms/FormDialog";
import { useScopeName } from "../../../forms/GrantFields";
import { NameField } from "../../../forms/NameField";
import { Refusal } from "../../../forms/Refusal";
import { useSubmit } from "../../../forms/useSubmit";
import { Link } from "../../../ui/Link";
import { Menu } from "../../../ui/Menu";
import { Empty, Loaded } from "../../../ui/notes";
import { ActionHead, DateCell } from "../cells";

export function ViewsSection() {
  const answer = useQuery("views", views);
  const submit = useSubmit();
  const [renamed, setRenamed] = useState<View | null>(null);
  const change = async (work: () => Promise<unknown>) => {
    if (await submit.run(work)) answer.retry();
  };
  return (
    <div className="settings">
      <section className="panel" aria-label="Saved views">
        <div className="panel-head">
          <h2>Saved views</h2>
          <span className="muted">An address under a name, in the sidebar and the palette</span>
        </div>
        <Refusal of={submit} />
        <Loaded answer={answer} what="The saved views" height={160}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title="No saved views yet">The bookmark above each page keeps it as it is.</Empty>
            ) : (
              <div className="table-scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th>View</th>
                      <th className="text">Of</th>
                      <th className="text">For</th>
                      <th className="hide-narrow">Saved</th>
                      <ActionHead />
                    </tr>
                  </thead>
                  <tbody>
                    {data.map(view => (
                      <Row
                        key={view.id}
                        view={view}
                        onRename={() => setRenamed(view)}
                        onShare={() => void change(() => changeView(view.id, view.name, !view.shared))}
                        onDelete={() => void change(() => deleteView(view.id))}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
      </section>
      {renamed && (
        <RenameDialog
          view={renamed}
          onDone={() => {
            setRenamed(null);
            answer.retry();
          }}
          onClose={() => setRenamed(null)}
        />
      )}
    </div>
  );
}

interface RowProps {
  view: View;
  onRename: () => void;
  onShare: () => void;
  onDelete: () => void;
}

function Row({ view, onRename, onShare, onDelete }: RowProps) {
  const scopeName = useScopeName();
  const isEditor = may(useGrants(), "editor", view.app_id ?? null);
  return (
    <tr>
      <td className="wraps">
        <Link to={view.url} className="endpoint-link">
          {view.name}
        </Link>
      </td>
      <td className="text">{scopeName(view.app_id)}</td>
      <td className="text wraps">{view.shared ? (view.own ? "everybody" : `everybody, by ${view.owner}`) : "you"}</td>
      <DateCell at={view.created_at} />
      <td>
        {(view.own || isEditor) && (
          <Menu
            title={`What to do about ${view.name}`}
            items={[
              { label: "Rename…", run: onRename },
              ...(isEditor ? [{ label: view.shared ? "Keep to its owner" : "Share", run: onShare }] : []),
              { label: "Delete", run: onDelete, danger: true },
            ]}
          />
        )}
      </td>
    </tr>
  );
}

function RenameDialog({ view, onDone, onClose }: { view: View; onDone: () => void; onClose: () => void }) {
  const submit = useSubmit();
  const [name, setName] = useState(view.name);
  const send = async () => {
    if (await submit.run(() => changeView(view.id, name.trim(), view.shared))) onDone();
  };
  return (
    <FormDialog
      title="Rename the view"
      action="Rename"
      submit={submit}
      ready={name.trim() !== ""}
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
    </FormDialog>
  );
}
