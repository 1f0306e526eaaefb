/** An endpoint as a link to its page. */
import { useLocation } from "../url/location";
import { pageOf, paths, scopedPath } from "../url/scope";
import { Link } from "./Link";
import { MethodBadge } from "./MethodBadge";

export function EndpointName({ method, path }: { method: string; path: string }) {
  const here = useLocation();
  const page = pageOf(here.path);
  const appId = "appId" in page ? page.appId : "";
  return (
    <Link to={scopedPath(here, paths.endpoint(appId), { method, path })} className="endpoint-name" title={path}>
      <MethodBadge method={method} />
      <span className="mono">{path}</span>
    </Link>
  );
}
