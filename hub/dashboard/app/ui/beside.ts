/** Where a panel goes that a button opens: below the button where there is room, and always within the window. */

interface Size {
  width: number;
  height: number;
}

interface Edges {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Between the panel and its button, and between the panel and the window's edge. */
const GAP = 6;
const MARGIN = 8;

export function beside(button: Edges, panel: Size, view: Size): { left: number; top: number } {
  const fitsRight = button.left + panel.width <= view.width - MARGIN;
  const left = fitsRight ? button.left : button.right - panel.width;
  const [below, above] = [button.bottom + GAP, button.top - GAP - panel.height];
  const fitsBelow = below + panel.height <= view.height - MARGIN;
  const top = fitsBelow || above < MARGIN ? below : above;
  return { left: within(left, panel.width, view.width), top: within(top, panel.height, view.height) };
}

const within = (start: number, length: number, room: number) =>
  Math.max(MARGIN, Math.min(start, room - MARGIN - length));
