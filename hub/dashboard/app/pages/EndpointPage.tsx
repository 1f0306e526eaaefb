/** One endpoint: its totals, and all that is known of it in parts. */
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useQuery } from "../api/useQuery";
import { minutesOf } from "../charts/minutes";
import { AppFrame } from "../ui/AppFrame";
import { BackIcon } from "../ui/icons";
import { Link } from "../ui/Link";
import { MethodBadge } from "../ui/MethodBadge";
import { Empty, Loaded } from "../ui/notes";
import { Tabs } from "../ui/Tabs";
import { useShortcuts } from "../ui/useShortcuts";
import { navigate, useLocation } from "../url/location";
import { paths, scopedPath } from "../url/scope";
import { useScope } from "../url/useScope";
import { ConsumersTab } from "./endpoint/ConsumersTab";
import { EndpointValidation } from "./endpoint/EndpointValidation";
import { ErrorsTab } from "./endpoint/ErrorsTab";
import { LogsTab } from "./endpoint/LogsTab";
import { OverviewTab } from "./endpoint/OverviewTab";
import { SizesTab } from "./endpoint/SizesTab";
import { Totals } from "./endpoint/Totals";
import "./endpoint/endpoint.css";
import { SetupGuide } from "./setup/SetupGuide";
import { SPECIAL_PATHS } from "./traffic/tableState";

export default function EndpointPage({ appId }: { appId: string }) {
  const location = useLocation();
  const [method, path] = [location.params.get("method"), location.params.get("path")];
  const back = scopedPath(location, paths.traffic(appId), { method: null, path: null });
  const goBack = () => navigate(back);
  useShortcuts({ Escape: goBack });
  if (method === null || path === null) {
    return (
      <AppFrame appId={appId} titleText="Endpoint" title={<h1>Endpoint</h1>}>
        {() => <Empty title="No endpoint is named in the address" />}
      </AppFrame>
    );
  }
  const title = (
    <div className="endpoint-title">
      <Link
        to={back}
        className="button button-icon button-quiet"
        aria-label="Back to traffic"
        title="Back to traffic (Esc)"
      >
        <BackIcon />
      </Link>
      <MethodBadge method={method} />
      <h1 className="mono" title={path}>
        {path}
      </h1>
    </div>
  );
  return (
    <AppFrame appId={appId} titleText={`${method} ${path}`} filters={["consumer", "status"]} title={title}>
      {(app, environment) =>
        environment ? (
          <Detail
            key={`${appId}/${environment.env}/${method} ${path}`}
            appId={appId}
            environment={environment}
            method={method}
            path={path}
          />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

interface DetailProps {
  appId: string;
  environment: AppEnvironment;
  method: string;
  path: string;
}

const TABS = [
  { name: "overview", label: "Overview" },
  { name: "errors", label: "Errors" },
  { name: "sizes", label: "Sizes" },
  { name: "consumers", label: "Consumers" },
  { name: "validation", label: "Validation errors" },
  { name: "logs", label: "Request logs" },
] as const;

function Detail({ appId, environment, method, path }: DetailProps) {
  // Method and path are among the filters of the address: they name the endpoint.
  const scope = useScope(appId, environment.env);
  const endpoints = useQuery(`endpoint/${scope.key}`, signal => queries.endpoints(appId, scope.query(), signal));
  const traffic = useQuery(`traffic/${scope.key}`, signal => queries.traffic(appId, scope.query(), signal));
  const endpoint = endpoints.data?.data.find(row => row.method === method && row.path === path);
  if (endpoints.data && !endpoints.outdated && !endpoint) return <NeverSeen />;
  return (
    <>
      {SPECIAL_PATHS[path] && <p className="endpoint-note muted">{SPECIAL_PATHS[path]}.</p>}
      <Loaded answer={endpoints} what="The totals" height={74}>
        {({ range, as_of }) => (
          <Totals endpoint={endpoint} minutes={minutesOf(traffic.data ?? { range, as_of, data: [] }, environment)} />
        )}
      </Loaded>
      <Tabs label="Parts of the endpoint" tabs={TABS}>
        {tab => (
          <>
            {tab === "overview" && <OverviewTab scope={scope} traffic={traffic} />}
            {tab === "errors" && <ErrorsTab scope={scope} />}
            {tab === "sizes" && <SizesTab scope={scope} traffic={traffic} />}
            {tab === "consumers" && <ConsumersTab scope={scope} />}
            {tab === "validation" && <EndpointValidation scope={scope} method={method} path={path} />}
            {tab === "logs" && <LogsTab scope={scope} />}
          </>
        )}
      </Tabs>
    </>
  );
}

function NeverSeen() {
  return (
    <section className="panel">
      <Empty title="Nothing was seen of this endpoint in this range">
        Try a longer range and fewer filters, or check the address.
      </Empty>
    </section>
  );
}
