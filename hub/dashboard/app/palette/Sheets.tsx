/** The sheets over the page and the keys that open them. Their scripts are fetched when they are first asked for, or ahead of that. */
import { type ReactNode, Suspense, useEffect } from "react";
import { type Fetched, later } from "../later/later";
import { PageNotLoaded } from "../ui/PageLoading";
import { useModal } from "../ui/useModal";
import { useShortcuts } from "../ui/useShortcuts";
import { openSheet, useOpenedSheet } from "./opened";

const Palette = later(() => import("./Palette"));
const SaveViewDialog = later(() => import("../views/SaveViewDialog"));
const HelpSheet = later(() => import("./HelpSheet"));

export const SHEETS: readonly Fetched[] = [Palette, HelpSheet, SaveViewDialog];

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
    <PageNotLoaded key={opened} frame={note => <NotThere>{note}</NotThere>}>
      <Suspense fallback={null}>
        {opened === "palette" && <Palette />}
        {opened === "help" && <HelpSheet />}
        {opened === "save-view" && <SaveViewDialog onClose={() => openSheet(null)} />}
      </Suspense>
    </PageNotLoaded>
  );
}

/** In the place of a sheet whose script could not be fetched; closes as the sheet does. */
function NotThere({ children }: { children: ReactNode }) {
  const dialog = useModal(() => openSheet(null));
  return (
    <dialog ref={dialog} className="dialog" aria-label="Not loaded">
      {children}
    </dialog>
  );
}
