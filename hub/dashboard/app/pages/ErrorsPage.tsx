/** What failed, since when, and why: client and server errors over time, by status and endpoint, and the causes of the app's own. */
import { errorCodes, failuresOf } from "../api/errorCodes";
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useQuery } from "../api/useQuery";
import { requestsByClass } from "../charts/series";
import { TimeChart } from "../charts/TimeChart";
import { AppFrame } from "../ui/AppFrame";
import { Empty, Loaded } from "../ui/notes";
import { FILTERS } from "../url/filters";
import { navigate, useLocation, withParams } from "../url/location";
import { useScope } from "../url/useScope";
import { CauseDrawer } from "./errors/CauseDrawer";
import { CausesTable } from "./errors/CausesTable";
import { CodeDrawer } from "./errors/CodeDrawer";
import { CodesTable } from "./errors/CodesTable";
import "./errors/errors.css";
import { causeId, codeId } from "./errors/errorState";
import { SetupGuide } from "./setup/SetupGuide";

export default function ErrorsPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Errors" filters={FILTERS} title={<h1>Errors</h1>}>
      {(app, environment) =>
        environment ? (
          <Errors key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Errors({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const scope = useScope(appId, environment.env);
  const opened = useLocation().params.get("open");
  const traffic = useQuery(`traffic/${scope.key}/`, signal => queries.traffic(appId, scope.query(), signal));
  const codes = useQuery(`codes/${scope.key}`, signal => errorCodes(appId, scope.query(), signal));
  const causes = useQuery(`causes/${scope.key}`, signal => queries.serverErrors(appId, scope.query(), signal));
  const code = codes.data?.find(one => codeId(one) === opened);
  const cause = causes.data?.data.find(one => causeId(one) === opened);
  const close = () => navigate(withParams({ open: null }));
  return (
    <div className="error-panels">
      <section className="panel" aria-label="Failed requests">
        <div className="panel-head">
          <h2>Failed requests</h2>
        </div>
        <Loaded answer={traffic} what="The errors" height={224}>
          {answer => {
            const model = requestsByClass({ ...answer, data: failuresOf(answer.data) });
            return model.series.length > 0 ? (
              <TimeChart
                model={model}
                label="Failed requests by status class"
                height={200}
                onZoom={scope.zoom}
                onReset={scope.resetZoom}
              />
            ) : (
              <Empty title="No request failed in this range" />
            );
          }}
        </Loaded>
      </section>
      <Loaded answer={causes} what="The causes of server errors" height={180}>
        {({ data }) => <CausesTable rows={data} />}
      </Loaded>
      <Loaded answer={codes} what="The errors by endpoint" height={320}>
        {rows => <CodesTable rows={rows} />}
      </Loaded>
      {code && <CodeDrawer key={opened} scope={scope} code={code} onClose={close} />}
      {cause && <CauseDrawer key={opened} cause={cause} onClose={close} />}
    </div>
  );
}
