/** Failed requests over time, the causes of server errors, and failures by status and endpoint; of whatever part is looked at. */
import { errorCodes, failuresOf } from "../../api/errorCodes";
import * as queries from "../../api/queries";
import { useReleases } from "../../api/releases";
import { useQuery } from "../../api/useQuery";
import { decorated } from "../../charts/decorated";
import { requestsByClass } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { Refusal } from "../../forms/Refusal";
import { CompareSwitch } from "../../ui/CompareSwitch";
import { LogsLink } from "../../ui/LogsLink";
import { Empty, Loaded } from "../../ui/notes";
import { before, isCompared } from "../../url/compare";
import { navigate, useLocation, withParams } from "../../url/location";
import { openLogsOf } from "../../url/logsOf";
import type { Scope } from "../../url/useScope";
import { CauseDrawer } from "./CauseDrawer";
import { CausesTable } from "./CausesTable";
import { CodeDrawer } from "./CodeDrawer";
import { CodesTable } from "./CodesTable";
import { causeId, codeId } from "./errorState";
import { useMarking } from "./useMarking";

export function ErrorPanels({ scope }: { scope: Scope }) {
  const { appId } = scope;
  const { params } = useLocation();
  const opened = params.get("open");
  const compared = isCompared(params);
  const traffic = useQuery(`traffic/${scope.key}/`, signal => queries.traffic(appId, scope.query(), signal));
  const past = useQuery(compared ? `traffic-before/${scope.key}/` : null, signal =>
    queries.traffic(appId, before(scope.query()), signal),
  );
  const codes = useQuery(`codes/${scope.key}`, signal => errorCodes(appId, scope.query(), signal));
  const releases = useReleases(scope);
  const marking = useMarking(appId);
  const causes = useQuery(`causes/${scope.key}`, signal => queries.serverErrors(appId, scope.query(), signal));
  const code = codes.data?.data.find(one => codeId(one) === opened);
  const cause = causes.data?.data.find(one => causeId(one) === opened);
  const close = () => navigate(withParams({ open: null }));
  return (
    <div className="error-panels">
      <section className="panel" aria-label="Failed requests">
        <div className="panel-head">
          <h2>Failed requests</h2>
          <div className="table-tools">
            <CompareSwitch />
            <LogsLink of={{ status: scope.filters.status ?? "4xx,5xx" }} />
          </div>
        </div>
        <Loaded answer={traffic} what="The errors" height={224}>
          {answer => {
            const model = requestsByClass({ ...answer, data: failuresOf(answer.data) });
            const earlier =
              compared && past.data ? requestsByClass({ ...past.data, data: failuresOf(past.data.data) }) : null;
            return model.series.length > 0 ? (
              <TimeChart
                model={decorated(model, earlier, releases)}
                label="Failed requests by status class"
                height={200}
                onZoom={scope.zoom}
                onReset={scope.resetZoom}
                onPick={(from, to) => openLogsOf(from, to, { status: scope.filters.status ?? "4xx,5xx" })}
              />
            ) : (
              <Empty title="No request failed in this range" />
            );
          }}
        </Loaded>
      </section>
      <Loaded answer={causes} what="The causes of server errors" height={180}>
        {({ data, next }) => <CausesTable rows={data} truncated={next !== null} />}
      </Loaded>
      <Refusal of={marking.submit} />
      <Loaded answer={codes} what="The errors by endpoint" height={320}>
        {({ data, next }) => <CodesTable appId={appId} rows={data} truncated={next !== null} marking={marking} />}
      </Loaded>
      {code && <CodeDrawer key={opened} scope={scope} code={code} marking={marking} onClose={close} />}
      {cause && <CauseDrawer key={opened} scope={scope} cause={cause} onClose={close} />}
    </div>
  );
}
