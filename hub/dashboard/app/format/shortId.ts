/** A short name for something that has many parts, for addresses: the same parts always give the same name (FNV-1a, twice 32 bits). */

function fnv(text: string, basis: number): number {
  let hash = basis;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return hash >>> 0;
}

export function shortId(parts: readonly (string | number | null)[]): string {
  const text = JSON.stringify(parts);
  return [2166136261, 3735928559].map(basis => fnv(text, basis).toString(36)).join("");
}
