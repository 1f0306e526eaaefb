/** The settings of one app: its name, environments, keys, and at the end its deletion. */
import { useState } from "react";
import { deleteApp } from "../../../api/admin";
import { useApps } from "../../../api/apps";
import type { App } from "../../../api/model";
import { useMay } from "../../../api/roles";
import { Confirm } from "../../../forms/Confirm";
import { BackIcon } from "../../../ui/icons";
import { Link } from "../../../ui/Link";
import { Empty, Loaded } from "../../../ui/notes";
import { navigate } from "../../../url/location";
import { paths } from "../../../url/scope";
import { Apdex } from "./Apdex";
import { AppKeys } from "./AppKeys";
import { AppName } from "./AppName";
import { Environments } from "./Environments";
import { ExpectedErrors } from "./ExpectedErrors";

export function AppSettings({ appId }: { appId: string }) {
  const apps = useApps();
  const isEditor = useMay("editor", appId);
  return (
    <div className="settings">
      <div>
        <Link to={paths.settings("apps")} className="button button-quiet button-small">
          <BackIcon /> All apps
        </Link>
      </div>
      <Loaded answer={apps} what="The app" height={400}>
        {({ data }) => {
          const app = data.find(one => one.app_id === appId);
          if (app === undefined || !isEditor)
            return <Empty title="There is no such app, or your role does not reach its settings" />;
          return <Parts app={app} onChange={apps.retry} />;
        }}
      </Loaded>
    </div>
  );
}

function Parts({ app, onChange }: { app: App; onChange: () => void }) {
  const isAdmin = useMay("admin", app.app_id);
  const [isDeleting, setDeleting] = useState(false);
  return (
    <div className="settings">
      <AppName app={app} onChange={onChange} />
      <Environments app={app} />
      <AppKeys appId={app.app_id} />
      <Apdex appId={app.app_id} />
      <ExpectedErrors appId={app.app_id} />
      {isAdmin && (
        <section className="panel danger-zone" aria-label="Delete the app">
          <div className="panel-head">
            <div>
              <h2>Delete {app.name}</h2>
              <span className="muted">Its keys stop working at once, and nobody can ask for its traffic any more.</span>
            </div>
            <button type="button" className="button button-danger" onClick={() => setDeleting(true)}>
              Delete…
            </button>
          </div>
        </section>
      )}
      {isDeleting && (
        <Confirm
          title={`Delete ${app.name}?`}
          action="Delete the app"
          typed={app.name}
          change={() => deleteApp(app.app_id)}
          onDone={() => {
            onChange();
            navigate(paths.settings("apps"));
          }}
          onClose={() => setDeleting(false)}
        >
          Its keys, tokens, invitations, roles, thresholds and the names of its consumers are deleted. Apps that report
          with its keys are refused. This cannot be undone.
        </Confirm>
      )}
    </div>
  );
}
