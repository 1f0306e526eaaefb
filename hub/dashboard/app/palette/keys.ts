/** How the palette's key is written on this machine. */
const isApple = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

export const PALETTE_KEY = isApple ? "⌘ K" : "Ctrl K";
