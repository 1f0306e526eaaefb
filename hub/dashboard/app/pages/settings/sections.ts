/** The parts of the settings, and who sees them. */
import type { Grant } from "../../api/model";
import { may, maySomewhere } from "../../api/roles";

export interface Section {
  name: string;
  label: string;
  visible: (grants: readonly Grant[]) => boolean;
}

export const SECTIONS = [
  { name: "account", label: "Your account", visible: () => true },
  { name: "apps", label: "Apps", visible: grants => maySomewhere(grants, "editor") },
  { name: "people", label: "People", visible: grants => maySomewhere(grants, "admin") },
  { name: "tokens", label: "API tokens", visible: grants => maySomewhere(grants, "admin") },
  { name: "views", label: "Saved views", visible: () => true },
  { name: "hub", label: "Log-in and retention", visible: grants => may(grants, "admin") },
  { name: "audit", label: "Audit log", visible: grants => maySomewhere(grants, "admin") },
] as const satisfies readonly Section[];

export type SectionName = (typeof SECTIONS)[number]["name"];

export const sectionsFor = (grants: readonly Grant[]): readonly Section[] =>
  SECTIONS.filter(section => section.visible(grants));

/** Whether the reader may see the hub's own state. */
export const maySeeSystem = (grants: readonly Grant[]) => may(grants, "admin");
