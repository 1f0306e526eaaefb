/** How to connect an app: its key, the lines of code, and whether the first report has come. */
import { useEffect, useState } from "react";
import { environmentsOf, useApps } from "../../api/apps";
import type { App } from "../../api/model";
import * as queries from "../../api/queries";
import { useCanEdit } from "../../api/session";
import { ago } from "../../format/time";
import { CopyButton } from "../../ui/CopyButton";
import { CheckIcon } from "../../ui/icons";
import { Link } from "../../ui/Link";
import { useNow } from "../../ui/useNow";
import { hubAddress } from "../../url/base";
import { keepNewKey, newKeyOf } from "./newKeys";
import "./setup.css";
import { environmentLines, FRAMEWORKS } from "./snippets";

/** While somebody waits for the first report, it is asked for this often, whatever the auto-refresh says. */
const POLL_MS = 2000;

export function SetupGuide({ app }: { app: App }) {
  const [key, setKey] = useState(newKeyOf(app.app_id));
  const [chosen, setChosen] = useState(FRAMEWORKS[0]?.key);
  const framework = FRAMEWORKS.find(one => one.key === chosen);
  return (
    <section className="panel guide" aria-label="Connect the app">
      <FirstReport app={app} />
      <div className="panel-head">
        <h2>Connect {app.name}</h2>
        <div className="segmented" role="tablist" aria-label="Framework">
          {FRAMEWORKS.map(({ key: name, label }) => (
            <button key={name} type="button" role="tab" aria-selected={chosen === name} onClick={() => setChosen(name)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <ol className="steps" aria-label={`Steps for ${framework?.label}`}>
        {framework?.snippets.slice(0, 2).map(({ title, code }) => (
          <Step key={title} title={title} code={code} />
        ))}
        <Step title="Set the environment of the process" code={environmentLines(key, hubAddress())}>
          <KeyNote appId={app.app_id} known={key !== null} onMade={setKey} />
        </Step>
        {framework?.snippets.slice(2).map(({ title, code }) => (
          <Step key={title} title={title} code={code} />
        ))}
      </ol>
    </section>
  );
}

function Step({ title, code, children }: { title: string; code: string; children?: React.ReactNode }) {
  return (
    <li>
      <h3>{title}</h3>
      <div className="snippet">
        <pre>
          <code>{code}</code>
        </pre>
        <CopyButton text={code} what={title} />
      </div>
      {children}
    </li>
  );
}

/** The key is shown this once; without it, a further one can be made. */
function KeyNote({ appId, known, onMade }: { appId: string; known: boolean; onMade: (key: string) => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const canEdit = useCanEdit();
  if (known) return <p className="key-note">Copy the key now: the hub keeps only its hash and cannot show it again.</p>;
  if (!canEdit) return <p className="key-note">Write keys are made by editors and admins.</p>;
  const make = async () => {
    setProblem(null);
    try {
      const { write_key } = await queries.createKey(appId);
      keepNewKey(appId, write_key);
      onMade(write_key);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <p className="key-note">
      <button type="button" className="button button-small" onClick={make}>
        Create a further write key
      </button>
      <span className="muted">Keys are shown once, when they are made. Earlier keys stay valid.</span>
      {problem && <span className="field-error">{problem}</span>}
    </p>
  );
}

function FirstReport({ app }: { app: App }) {
  const now = useNow();
  const { retry } = useApps();
  const reporting = environmentsOf(app)[0];
  const isWaiting = reporting === undefined;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => document.hidden || retry(), POLL_MS);
    return () => clearInterval(timer);
  }, [isWaiting, retry]);
  if (isWaiting) {
    return (
      <div className="first-report" role="status" data-waiting>
        <i className="pulse" aria-hidden="true" />
        <div>
          <b>Waiting for the first report…</b>
          <p className="muted">It comes within seconds of the start of the app. This page notices by itself.</p>
        </div>
      </div>
    );
  }
  return (
    <div className="first-report" role="status">
      <CheckIcon />
      <div>
        <b>{app.name} is reporting</b>
        <p className="muted">
          Last report {ago(reporting.last_report_at, now)} from {reporting.env}.
        </p>
      </div>
      <Link to={`/apps/${encodeURIComponent(app.app_id)}/traffic`} className="button button-primary">
        Open traffic
      </Link>
    </div>
  );
}
