/** What fails at this endpoint: the page of errors, narrowed to it. */
import type { Scope } from "../../url/useScope";
import { ErrorPanels } from "../errors/ErrorPanels";

export const ErrorsTab = ({ scope }: { scope: Scope }) => <ErrorPanels scope={scope} />;
