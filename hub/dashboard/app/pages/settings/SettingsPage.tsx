/** The settings, part by part. A part that the reader may not see is not listed, and its address says so. */
import { useGrants } from "../../api/roles";
import { HubFrame } from "../../ui/HubFrame";
import { Empty } from "../../ui/notes";
import { AccountSection } from "./account/AccountSection";
import { AppSettings } from "./apps/AppSettings";
import { AppsSection } from "./apps/AppsSection";
import { AuditSection } from "./audit/AuditSection";
import { HubSection } from "./hub/HubSection";
import { PeopleSection } from "./people/PeopleSection";
import { sectionsFor } from "./sections";
import "./settings.css";
import { TokensSection } from "./tokens/TokensSection";
import { ViewsSection } from "./views/ViewsSection";

export default function SettingsPage({ section, appId }: { section: string; appId: string | null }) {
  const found = sectionsFor(useGrants()).find(one => one.name === section);
  return (
    <HubFrame title={found?.label ?? "Settings"}>
      {found === undefined ? (
        <Empty title="There is no such part of the settings, or your role does not reach it">
          An admin can give you another role.
        </Empty>
      ) : (
        <Part name={found.name} appId={appId} />
      )}
    </HubFrame>
  );
}

function Part({ name, appId }: { name: string; appId: string | null }) {
  switch (name) {
    case "apps":
      return appId === null ? <AppsSection /> : <AppSettings key={appId} appId={appId} />;
    case "people":
      return <PeopleSection />;
    case "tokens":
      return <TokensSection />;
    case "views":
      return <ViewsSection />;
    case "hub":
      return <HubSection />;
    case "audit":
      return <AuditSection />;
    default:
      return <AccountSection />;
  }
}
