/** The link of a row: the row itself is a larger target for the same, so a click must not count twice. */
import type { ReactNode } from "react";
import { Link } from "../ui/Link";

interface Props {
  to: string;
  title?: string;
  mono?: boolean;
  children: ReactNode;
}

export function RowLink({ to, title, mono = false, children }: Props) {
  return (
    <Link
      to={to}
      className={mono ? "endpoint-link mono" : "endpoint-link"}
      title={title}
      onClick={event => event.stopPropagation()}
    >
      {children}
    </Link>
  );
}
