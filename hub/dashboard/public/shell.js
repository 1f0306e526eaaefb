// The reader's choice of theme, before anything is drawn; `app/theme/theme.ts` goes on from there.
try {
  const theme = localStorage.getItem("sendry.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // The browser forbids it: the system's choice holds.
}
