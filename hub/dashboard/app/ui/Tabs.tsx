/** Parts of one thing, of which one is shown: chosen with a click or the arrow keys, and named in the address. */
import { type ReactNode, useId } from "react";
import { navigate, useLocation, withParams } from "../url/location";
import "./tabs.css";

export interface Tab<Name extends string> {
  name: Name;
  label: string;
  count?: number | undefined;
}

interface Props<Name extends string> {
  label: string;
  tabs: readonly Tab<Name>[];
  children: (chosen: Name) => ReactNode;
}

/** The first one is shown where the address names none. */
export function Tabs<Name extends string>({ label, tabs, children }: Props<Name>) {
  const wanted = useLocation().params.get("tab");
  const id = useId();
  const first = tabs[0] as Tab<Name>;
  const chosen = tabs.find(tab => tab.name === wanted) ?? first;
  const choose = (tab: Tab<Name>) => navigate(withParams({ tab: tab === first ? null : tab.name }), "replace");
  const walk = (from: number, key: string) => {
    const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    const next = tabs[(from + by + tabs.length) % tabs.length];
    if (by === 0 || next === undefined) return;
    choose(next);
    document.getElementById(`${id}-${next.name}`)?.focus();
  };
  return (
    <div className="tabbed">
      <div className="tabs" role="tablist" aria-label={label}>
        {tabs.map((tab, place) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            id={`${id}-${tab.name}`}
            aria-selected={tab === chosen}
            aria-controls={`${id}-part`}
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => choose(tab)}
            onKeyDown={event => walk(place, event.key)}
          >
            {tab.label}
            {tab.count !== undefined && <span className="muted num">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div className="tab-part" role="tabpanel" id={`${id}-part`} aria-labelledby={`${id}-${chosen.name}`}>
        {children(chosen.name)}
      </div>
    </div>
  );
}
