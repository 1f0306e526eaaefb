/** The entry: styles, theme, then the application. */
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
import { startTheme } from "./theme/theme";

startTheme();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
