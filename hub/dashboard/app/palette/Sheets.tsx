/** The sheets over the page and the keys that open them. Their scripts are loaded when they are first asked for. */
import { lazy, Suspense, useEffect } from "react";
import { useShortcuts } from "../ui/useShortcuts";
import { openSheet, useOpenedSheet } from "./opened";

const Palette = lazy(() => import("./Palette"));
const SaveViewDialog = lazy(() => import("../views/SaveViewDialog"));
const HelpSheet = lazy(() => import("./HelpSheet"));

export function Sheets() {
  const opened = useOpenedSheet();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k")
        return;
      event.preventDefault();
      openSheet("palette");
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  useShortcuts({ "?": () => openSheet("help") });
  return (
    <Suspense fallback={null}>
      {opened === "palette" && <Palette />}
      {opened === "help" && <HelpSheet />}
      {opened === "save-view" && <SaveViewDialog onClose={() => openSheet(null)} />}
    </Suspense>
  );
}
