/** What a browser calls itself, in two words. */

const NAMES: readonly [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/(Headless)?Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
  [/curl\//, "curl"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/Windows/, "Windows"],
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** The longest that is shown of a name that is not known. */
const SHOWN_MAX = 40;

export function browserOf(userAgent: string | null): string {
  if (userAgent === null || userAgent === "") return "Unknown browser";
  const name = NAMES.find(([pattern]) => pattern.test(userAgent))?.[1] ?? userAgent.slice(0, SHOWN_MAX);
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  return system === undefined ? name : `${name} on ${system}`;
}
