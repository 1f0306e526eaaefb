/** Decides what is on screen: who is logged in first, then which page the address means. */
import { Suspense, useEffect } from "react";
import { AppsProvider } from "./api/apps";
import { askSession, useSession } from "./api/session";
import { useFetchAhead } from "./later/ahead";
import { type Fetched, later } from "./later/later";
import { AppsPage } from "./pages/AppsPage";
import { InstancesPage } from "./pages/InstancesPage";
import { FirstSetupPage, LoginPage } from "./pages/LoginPage";
import { SetupPage } from "./pages/SetupPage";
import { TrafficPage } from "./pages/TrafficPage";
import { SHEETS, Sheets } from "./palette/Sheets";
import { Link } from "./ui/Link";
import { Empty } from "./ui/notes";
import { inAppFrame, inHubFrame, PageLoading, PageNotLoaded } from "./ui/PageLoading";
import { navigate, useLocation } from "./url/location";
import { pageOf, safeNext } from "./url/scope";

// What is not looked at first is loaded when it is.
const SettingsPage = later(() => import("./pages/settings/SettingsPage"));
const SystemPage = later(() => import("./pages/system/SystemPage"));
const InvitationPage = later(() => import("./pages/links/InvitationPage"));
const PasswordResetPage = later(() => import("./pages/links/PasswordResetPage"));
const ConsumersPage = later(() => import("./pages/ConsumersPage"));
const EndpointPage = later(() => import("./pages/EndpointPage"));
const ErrorsPage = later(() => import("./pages/ErrorsPage"));
const LogsPage = later(() => import("./pages/logs/LogsPage"));
const PerformancePage = later(() => import("./pages/performance/PerformancePage"));
const ResourcesPage = later(() => import("./pages/resources/ResourcesPage"));
const ValidationPage = later(() => import("./pages/ValidationPage"));

/** The likeliest come first. */
const AHEAD: readonly Fetched[] = [
  ...SHEETS,
  LogsPage,
  EndpointPage,
  ErrorsPage,
  PerformancePage,
  ConsumersPage,
  ValidationPage,
  ResourcesPage,
  SettingsPage,
  SystemPage,
];

export function App() {
  const session = useSession();
  const page = pageOf(useLocation().path);
  if (session.state === "unreachable") return <Unreachable reason={session.reason} />;
  if (page.name === "invitation" || page.name === "password-reset")
    return (
      <PageNotLoaded>
        <Suspense fallback={null}>{page.name === "invitation" ? <InvitationPage /> : <PasswordResetPage />}</Suspense>
      </PageNotLoaded>
    );
  if (page.name === "first-setup" && session.state === "out") return <FirstSetupPage />;
  if (session.state === "out") return <LoginPage {...session} />;
  return (
    <AppsProvider>
      <PageNotLoaded key={page.name} frame={"appId" in page ? inAppFrame(page.appId) : inHubFrame}>
        <Suspense fallback={"appId" in page ? <PageLoading appId={page.appId} /> : null}>
          <CurrentPage />
        </Suspense>
      </PageNotLoaded>
      <Sheets />
      <Ahead />
    </AppsProvider>
  );
}

function Ahead() {
  useFetchAhead(AHEAD);
  return null;
}

function CurrentPage() {
  const location = useLocation();
  const page = pageOf(location.path);
  switch (page.name) {
    case "apps":
      return <AppsPage />;
    case "traffic":
      return <TrafficPage appId={page.appId} />;
    case "endpoint":
      return <EndpointPage appId={page.appId} />;
    case "consumers":
      return <ConsumersPage appId={page.appId} />;
    case "errors":
      return <ErrorsPage appId={page.appId} />;
    case "validation":
      return <ValidationPage appId={page.appId} />;
    case "logs":
      return <LogsPage appId={page.appId} />;
    case "performance":
      return <PerformancePage appId={page.appId} />;
    case "resources":
      return <ResourcesPage appId={page.appId} />;
    case "instances":
      return <InstancesPage appId={page.appId} />;
    case "setup":
      return <SetupPage appId={page.appId} />;
    case "settings":
      return <SettingsPage section={page.section} appId={page.of} />;
    case "login":
    case "first-setup":
      return <GoOn to={safeNext(location.params.get("next"))} />;
    case "system":
      return <SystemPage />;
    case "invitation":
    case "password-reset":
    case "not-found":
      return (
        <main className="centered">
          <Empty whole title="There is no such page" />
          <Link to="/" className="button">
            To all apps
          </Link>
        </main>
      );
  }
}

/** Log-in pages have nothing to say to somebody who is logged in. */
function GoOn({ to }: { to: string }) {
  useEffect(() => navigate(to, "replace"), [to]);
  return null;
}

function Unreachable({ reason }: { reason: string }) {
  return (
    <main className="centered">
      <Empty whole title="The hub cannot be reached">
        {reason}
      </Empty>
      <button type="button" className="button" onClick={() => void askSession()}>
        Retry
      </button>
    </main>
  );
}
