/** The saved views of an app in its sidebar. Nothing where there are none. */
import { BookmarkIcon } from "../ui/icons";
import { Link } from "../ui/Link";
import { addressOf, useLocation } from "../url/location";
import { useViews } from "./useViews";

/** More are found in the palette and in the settings. */
const SHOWN_MAX = 6;

export function ViewLinks({ appId }: { appId: string }) {
  const views = useViews(appId).slice(0, SHOWN_MAX);
  const { path, params } = useLocation();
  if (views.length === 0) return null;
  const here = addressOf(`${path}?${params}`);
  return (
    <nav aria-label="Saved views" className="view-links">
      <h2>Saved views</h2>
      {views.map(view => (
        <Link
          key={view.id}
          to={view.url}
          aria-current={addressOf(view.url) === here ? "page" : undefined}
          title={view.shared ? `Shared by ${view.owner}` : "Only you see this view"}
        >
          <BookmarkIcon /> <span>{view.name}</span>
        </Link>
      ))}
    </nav>
  );
}
