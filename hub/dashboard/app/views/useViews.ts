/** Saved views: an address under a name, for oneself or for all who may see its app. */
import { useMemo } from "react";
import { views } from "../api/admin";
import type { View } from "../api/model";
import { useQuery } from "../api/useQuery";

/** The views of an app, by name; null: all. */
export function useViews(appId: string | null): readonly View[] {
  const all = useQuery("views", views).data?.data;
  return useMemo(() => (all ?? []).filter(view => appId === null || view.app_id === appId), [all, appId]);
}
