/** What the processes use: CPU, memory and the runtime, over all instances or some, with the traffic laid over. */
import type { AppEnvironment, Instance, ResourceStep } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import type { StepsAnswer } from "../../charts/series";
import { AppFrame } from "../../ui/AppFrame";
import { Empty, Loaded } from "../../ui/notes";
import { navigate, useLocation, withParams } from "../../url/location";
import { type Scope, useScope } from "../../url/useScope";
import { SetupGuide } from "../setup/SetupGuide";
import { chosenOf, namedInstances, newestFirst } from "./choice";
import { InstanceChips } from "./InstanceChips";
import { ResourceChart } from "./ResourceChart";
import "./resources.css";
import { type MeasureLook, PROCESS, RUNTIME } from "./resourceSeries";

export default function ResourcesPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Resources" title={<h1>Resources</h1>}>
      {(app, environment) =>
        environment ? (
          <Resources key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Resources({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const scope = useScope(appId, environment.env, null);
  const resources = useQuery(`resources/${scope.key}`, signal => queries.resources(appId, scope.query(), signal));
  const instances = useQuery(`instances/${scope.key}`, signal => queries.instances(appId, scope.query(), signal));
  return (
    <Loaded answer={resources} what="The resources" height={560}>
      {answer => <Samples scope={scope} answer={answer} instances={instances.data?.data ?? []} />}
    </Loaded>
  );
}

interface Props {
  scope: Scope;
  answer: StepsAnswer<ResourceStep>;
  instances: readonly Instance[];
}

function Samples({ scope, answer, instances }: Props) {
  const { params } = useLocation();
  const overlaid = params.get("overlay") === "traffic";
  const traffic = useQuery(overlaid ? `traffic/${scope.key}` : null, signal =>
    queries.traffic(scope.appId, scope.query(), signal),
  );
  const all = namedInstances(answer.data, instances);
  const chosen = chosenOf(all, params);
  const apart = params.get("show") === "each" && chosen.length > 1;
  if (all.length === 0)
    return (
      <section className="panel">
        <Empty title="No samples in this range">
          SDKs send CPU and memory of their process with every report, unless the app switched it off.
        </Empty>
      </section>
    );
  const hasRuntime = answer.data.some(point => RUNTIME.some(({ key }) => point[key] !== null));
  const chart = (look: MeasureLook) => (
    <ResourceChart
      key={look.key}
      look={look}
      answer={answer}
      chosen={chosen}
      apart={apart}
      traffic={overlaid ? traffic.data : null}
      scope={scope}
    />
  );
  return (
    <>
      <div className="resource-tools">
        <InstanceChips
          all={all}
          ordered={newestFirst(all, instances, Date.now() / 1000)}
          chosen={chosen}
          coloured={apart}
        />
        <div className="table-tools">
          <fieldset className="segmented" aria-label="How instances are drawn">
            <button
              type="button"
              aria-pressed={!apart}
              onClick={() => navigate(withParams({ show: null }), "replace")}
              title="The mean, within the band from the lowest to the highest"
            >
              Mean and band
            </button>
            <button
              type="button"
              aria-pressed={apart}
              disabled={chosen.length < 2}
              onClick={() => navigate(withParams({ show: "each" }), "replace")}
            >
              Each
            </button>
          </fieldset>
          <label className="check">
            <input
              type="checkbox"
              checked={overlaid}
              onChange={event => navigate(withParams({ overlay: event.target.checked ? "traffic" : null }), "replace")}
            />
            Overlay traffic
          </label>
        </div>
      </div>
      <div className="resource-charts">{PROCESS.map(chart)}</div>
      <h2 className="resource-part">Async runtime</h2>
      {hasRuntime ? (
        <div className="resource-charts resource-charts-three">{RUNTIME.map(chart)}</div>
      ) : (
        <section className="panel">
          <Empty title="No samples of the runtime">
            They come from Tokio's metrics: the SDK sends them where the app runs on a Tokio runtime.
          </Empty>
        </section>
      )}
    </>
  );
}
