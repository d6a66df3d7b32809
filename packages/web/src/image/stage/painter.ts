import type { DrawnTile } from "./drawn-tiles.js";
import type { Camera, LabelScene, ShownChannel, Size } from "./scene.js";

/** Tiles of an image with the channels that colour them, or tiles of a label image. */
export type PicturePart =
  | { readonly tiles: readonly DrawnTile[]; readonly channels: readonly ShownChannel[] }
  | { readonly tiles: readonly DrawnTile[]; readonly label: LabelScene };

/** What is drawn, and where it is seen from. */
export interface Picture {
  readonly camera: Camera;
  readonly size: Size;
  /** Each is drawn over those before it, and so are the tiles of each. */
  readonly parts: readonly PicturePart[];
}

/** Draws pictures in an element, which it fills. */
export interface Painter {
  paint(picture: Picture): void;
  /** A copy of the picture on the screen, on black. */
  capture(): Promise<HTMLCanvasElement>;
  destroy(): void;
}

/** Creates a painter. Errors that come later are passed to `onError`. */
export type CreatePainter = (parent: HTMLDivElement, onError: (error: unknown) => void) => Painter;

/** A copy on a black background: a canvas is transparent where nothing is drawn. */
export function copyOnBlack(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d");
  context?.fillRect(0, 0, copy.width, copy.height);
  context?.drawImage(canvas, 0, 0);
  return copy;
}
