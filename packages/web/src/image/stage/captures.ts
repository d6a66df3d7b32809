import type { Deck } from "@deck.gl/core";

/** Pictures that are taken of what deck.gl draws. */
export interface Captures {
  /** To be called when it has drawn: in the task that has drawn, the canvas still holds what it shows. */
  onAfterRender(): void;
  /** The picture as it is on the screen. */
  take(deck: Pick<Deck, "redraw">): Promise<HTMLCanvasElement>;
}

export function createCaptures(parent: HTMLElement): Captures {
  let waiting: ((canvas: HTMLCanvasElement) => void)[] = [];
  return {
    onAfterRender() {
      const canvas = parent.querySelector("canvas");
      if (canvas === null) return;
      const done = waiting;
      waiting = [];
      for (const give of done) give(copyOf(canvas));
    },
    take(deck) {
      return new Promise((resolve) => {
        waiting.push(resolve);
        deck.redraw("capture");
      });
    },
  };
}

/** A copy on black, as the canvas is clear where nothing is drawn. */
function copyOf(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d");
  context?.fillRect(0, 0, copy.width, copy.height);
  context?.drawImage(canvas, 0, 0);
  return copy;
}
