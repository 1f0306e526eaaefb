/** Write keys that were just made: the hub shows them once, so they are kept in memory until the page is left for good. */
const made = new Map<string, string>();

export const keepNewKey = (appId: string, writeKey: string) => void made.set(appId, writeKey);
export const newKeyOf = (appId: string) => made.get(appId) ?? null;
