import type { PaneStage } from "./pane.js";

/** The planes in one picture, at the positions that they have on the page. */
export async function joinPictures(
  parent: HTMLElement | null,
  panes: readonly PaneStage[],
): Promise<HTMLCanvasElement> {
  const canvas = document.createElement("canvas");
  if (parent === null) return canvas;
  const whole = parent.getBoundingClientRect();
  const ratio = devicePixelRatio;
  canvas.width = Math.round(whole.width * ratio);
  canvas.height = Math.round(whole.height * ratio);
  const context = canvas.getContext("2d");
  for (const { element, capture } of panes) {
    const picture = await capture();
    const { left, top } = element.getBoundingClientRect();
    const [x, y] = [(left - whole.left) * ratio, (top - whole.top) * ratio];
    if (picture.width > 0) context?.drawImage(picture, Math.round(x), Math.round(y));
  }
  return canvas;
}
