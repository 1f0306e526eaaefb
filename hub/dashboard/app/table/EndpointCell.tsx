/** An endpoint in a table: its method and path on one line, the path cut where the column ends. */
import { Fragment, type ReactNode } from "react";
import { MethodBadge } from "../ui/MethodBadge";
import { RowLink } from "./RowLink";

interface Props {
  of: { method: string; path: string };
  /** Where the path leads, when it is the link of its row. */
  to?: string;
  title?: string;
  /** Marks behind the path. */
  children?: ReactNode;
}

export function EndpointCell({ of: { method, path }, to, title = path, children }: Props) {
  return (
    <span className="endpoint-cell" title={title}>
      <MethodBadge method={method} />
      {to === undefined ? (
        <span className="mono endpoint-path">{breakable(path)}</span>
      ) : (
        <RowLink to={to} mono>
          {breakable(path)}
        </RowLink>
      )}
      {children}
    </span>
  );
}

/** Where a path is broken into lines, that is before its slashes. */
const breakable = (path: string) =>
  path.split(/(?=\/)/).map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts never move, and may repeat
    <Fragment key={place}>
      {place > 0 && <wbr />}
      {part}
    </Fragment>
  ));
