/** The entry: styles, theme, then the application. The shell of `index.html` stays until it is known who is there. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";
import "./ui/controls.css";
import "./ui/forms.css";
import "./ui/notes.css";
import "./ui/table.css";
import { App } from "./App";
import { askSession } from "./api/session";
import { holdStyles } from "./styles";
import { startTheme } from "./theme/theme";

function start(root: HTMLElement): void {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

startTheme();
const root = document.getElementById("root");
if (root) void Promise.all([askSession(), holdStyles()]).then(() => start(root));
