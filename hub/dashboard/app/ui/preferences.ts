/** Choices that belong to the reader and not to what is looked at: kept in this browser, or not at all where it forbids that. */

export function readPreference(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writePreference(key: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, value);
  } catch {
    // The browser forbids it: the choice lasts as long as the page.
  }
}
