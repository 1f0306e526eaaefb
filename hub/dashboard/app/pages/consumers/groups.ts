/** Who is new. */
import type { Consumer, Range } from "../../api/model";

/** Seen for the first time ever within the range. */
export const isNew = (row: Pick<Consumer, "first_seen_at">, range: Pick<Range, "from">) =>
  row.first_seen_at >= range.from;
