/** The styles that `index.html` only preloads (`dev/shell.ts` says why) begin to hold. */

function hold(link: HTMLLinkElement): Promise<void> {
  return new Promise(done => {
    link.onload = () => done();
    // Without its styles the page is ugly, and there.
    link.onerror = () => done();
    link.rel = "stylesheet";
  });
}

/** Done when all of them hold: nothing is drawn without. */
export async function holdStyles(): Promise<void> {
  const preloaded = document.querySelectorAll<HTMLLinkElement>('link[rel="preload"][as="style"]');
  await Promise.all([...preloaded].map(hold));
}
