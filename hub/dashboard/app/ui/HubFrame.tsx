/** The frame of the pages that belong to no app: settings and system. Lists what the reader's roles reach. */
import type { ReactNode } from "react";
import { useGrants } from "../api/roles";
import { maySeeSystem, sectionsFor } from "../pages/settings/sections";
import { useLocation } from "../url/location";
import { pageOf, paths } from "../url/scope";
import { useTitle } from "./AppFrame";
import "./frame.css";
import {
  AccountIcon,
  AppsIcon,
  BookmarkIcon,
  ConsumersIcon,
  JournalIcon,
  KeyIcon,
  Logo,
  SettingsIcon,
  SystemStateIcon,
} from "./icons";
import { Link } from "./Link";
import { HubGone, ToldAbove } from "./notes";
import { PaletteButton } from "./PaletteButton";
import { Account } from "./Sidebar";
import { useCurrentInView } from "./useCurrentInView";

const ICONS: Record<string, () => ReactNode> = {
  account: AccountIcon,
  apps: SettingsIcon,
  people: ConsumersIcon,
  tokens: KeyIcon,
  views: BookmarkIcon,
  audit: JournalIcon,
};

export function HubFrame({ title, controls, children }: { title: string; controls?: ReactNode; children: ReactNode }) {
  const page = pageOf(useLocation().path);
  const grants = useGrants();
  useTitle(title);
  const nav = useCurrentInView(page.name === "settings" ? page.section : page.name);
  return (
    <div className="frame">
      <aside className="sidebar">
        <Link to={paths.apps} className="brand">
          <Logo /> Sendry
        </Link>
        <PaletteButton />
        <nav aria-label="The hub">
          <Link to={paths.apps}>
            <AppsIcon /> <span>All apps</span>
          </Link>
          {maySeeSystem(grants) && (
            <Link to={paths.system} aria-current={page.name === "system" ? "page" : undefined}>
              <SystemStateIcon /> <span>System</span>
            </Link>
          )}
        </nav>
        <nav aria-label="Settings" ref={nav}>
          {sectionsFor(grants).map(({ name, label }) => {
            const Icon = ICONS[name] ?? SettingsIcon;
            const isCurrent = page.name === "settings" && page.section === name;
            return (
              <Link key={name} to={paths.settings(name)} aria-current={isCurrent ? "page" : undefined}>
                <Icon /> <span>{label}</span>
              </Link>
            );
          })}
        </nav>
        <Account />
      </aside>
      <main className="main">
        <header className="toolbar">
          <div className="toolbar-title">
            <h1>{title}</h1>
          </div>
          {controls && <div className="toolbar-controls">{controls}</div>}
        </header>
        <HubGone />
        <ToldAbove value>{children}</ToldAbove>
      </main>
    </div>
  );
}
