/** The way from a number to the single requests behind it. */
import type { ReactNode } from "react";
import { useLocation } from "../url/location";
import { pageOf, paths, scopedPath } from "../url/scope";
import { LogsIcon } from "./icons";
import { Link } from "./Link";

interface Props {
  /** What the requests have in common, beside the filters that are on; null takes a filter away. */
  of?: Partial<Record<"method" | "path" | "status" | "consumer" | "min" | "max" | "q", string | null>>;
  children?: ReactNode;
}

export function LogsLink({ of = {}, children = "Request logs" }: Props) {
  const here = useLocation();
  const page = pageOf(here.path);
  if (!("appId" in page)) return null;
  return (
    <Link to={scopedPath(here, paths.logs(page.appId), of)} className="button button-small">
      <LogsIcon /> {children}
    </Link>
  );
}
