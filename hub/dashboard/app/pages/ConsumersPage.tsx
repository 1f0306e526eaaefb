/** Who calls: new and returning consumers, alone or in their groups, and each whole in a drawer. */
import { useState } from "react";
import type { AppEnvironment, Forgotten } from "../api/model";
import * as queries from "../api/queries";
import { forgetAnswers, useQuery } from "../api/useQuery";
import { exact } from "../format/numbers";
import { AppFrame } from "../ui/AppFrame";
import { CloseIcon } from "../ui/icons";
import { Loaded } from "../ui/notes";
import { FILTERS } from "../url/filters";
import { navigate, useLocation, withParams } from "../url/location";
import { useScope } from "../url/useScope";
import { ConsumerDrawer } from "./consumers/ConsumerDrawer";
import { ConsumersTable } from "./consumers/ConsumersTable";
import { Overview } from "./consumers/Overview";
import { SetupGuide } from "./setup/SetupGuide";

export default function ConsumersPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Consumers" filters={FILTERS} title={<h1>Consumers</h1>}>
      {(app, environment) =>
        environment ? (
          <Consumers key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Consumers({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const scope = useScope(appId, environment.env);
  const consumers = useQuery(`consumers/${scope.key}`, signal => queries.consumers(appId, scope.query(), signal));
  const wanted = useLocation().params.get("open");
  const opened = consumers.data?.data.find(row => row.consumer_id === wanted);
  const identifier = opened?.identifier ?? null;
  const [forgotten, setForgotten] = useState<Forgotten | null>(null);
  const forget = (what: Forgotten) => {
    setForgotten(what);
    // No page may show from memory who it was.
    forgetAnswers();
    consumers.retry();
    navigate(withParams({ open: null, ...(scope.filters.consumer === identifier && { consumer: null }) }), "replace");
  };
  return (
    <div className="stack">
      {forgotten && <ForgottenNote what={forgotten} onClose={() => setForgotten(null)} />}
      <Loaded answer={consumers} what="The consumers" height={420}>
        {({ data, range, next }) => (
          <div className="stack">
            {data.length > 0 && <Overview rows={data} range={range} scope={scope} />}
            <ConsumersTable scope={scope} rows={data} truncated={next !== null} />
          </div>
        )}
      </Loaded>
      {opened && identifier !== null && (
        <ConsumerDrawer
          key={identifier}
          scope={scope}
          consumer={{ ...opened, identifier }}
          onForgotten={forget}
          onClose={() => navigate(withParams({ open: null }))}
        />
      )}
    </div>
  );
}

function ForgottenNote({ what: { request_logs }, onClose }: { what: Forgotten; onClose: () => void }) {
  const logs = request_logs === 1 ? "1 request log was" : `${exact(request_logs)} request logs were`;
  return (
    <div className="done-note" role="status">
      <span>The consumer is forgotten; {logs} deleted.</span>
      <button type="button" className="button button-icon button-quiet" aria-label="Close" onClick={onClose}>
        <CloseIcon />
      </button>
    </div>
  );
}
