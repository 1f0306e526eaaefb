/** Which entries a text in the palette means, the likeliest first. */

export interface Findable {
  label: string;
  /** Other words that it is found by. */
  words?: string;
  /** What it belongs to: entries of one group stand together. */
  group: string;
}

/** How well a word fits: 0 begins the label, 1 begins one of its words, 2 is within it, 3 is among the other words; null not at all. */
function wordFits(word: string, label: string, words: string): number | null {
  if (label.startsWith(word)) return 0;
  const at = label.indexOf(word);
  if (at > 0) return /[\p{L}\p{N}]/u.test(label[at - 1] ?? "") ? 2 : 1;
  return words.includes(word) ? 3 : null;
}

function score(entry: Findable, wanted: readonly string[]): number | null {
  const [label, words] = [entry.label.toLowerCase(), `${entry.words ?? ""} ${entry.group}`.toLowerCase()];
  let sum = 0;
  for (const word of wanted) {
    const one = wordFits(word, label, words);
    if (one === null) return null;
    sum += one;
  }
  return sum / wanted.length;
}

/**
 * All words must fit, in any order. Groups come in the order of their best entry, entries within a group by how well they fit;
 * equals keep the order they came in.
 */
export function rank<Entry extends Findable>(entries: readonly Entry[], typed: string, max: number): Entry[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return entries.slice(0, max);
  const scored = entries.flatMap(entry => {
    const found = score(entry, wanted);
    return found === null ? [] : [{ entry, found }];
  });
  const best = new Map<string, number>();
  for (const { entry, found } of scored) best.set(entry.group, Math.min(found, best.get(entry.group) ?? found));
  const groups = [...best.keys()];
  const place = (group: string) => (best.get(group) ?? 0) * groups.length + groups.indexOf(group);
  return scored
    .toSorted((a, b) => place(a.entry.group) - place(b.entry.group) || a.found - b.found)
    .slice(0, max)
    .map(({ entry }) => entry);
}
