import type { Deck } from "@deck.gl/core";
import { copyOnBlack } from "./painter.js";

/**
 * Ends deck.gl, and the context of its canvas at once: a browser has few of them, and would collect it only later.
 *
 * @param parent the element that contains the canvas
 */
export function finalizeDeck(deck: Pick<Deck, "finalize">, parent: HTMLElement): void {
  const context = parent.querySelector("canvas")?.getContext("webgl2");
  deck.finalize();
  context?.getExtension("WEBGL_lose_context")?.loseContext();
}

/** Takes pictures of a canvas of deck.gl. */
interface Captures {
  /** Pass it to deck.gl as `onAfterRender`: the canvas keeps its pixels only until the end of the task that drew them. */
  onAfterRender(): void;
  /** Redraws the canvas and returns a copy. */
  take(deck: Pick<Deck, "redraw">): Promise<HTMLCanvasElement>;
}

/** @param parent the element that contains the canvas */
export function createCaptures(parent: HTMLElement): Captures {
  let waiting: ((canvas: HTMLCanvasElement) => void)[] = [];
  return {
    onAfterRender() {
      const canvas = parent.querySelector("canvas");
      if (canvas === null) return;
      const resolvers = waiting;
      waiting = [];
      for (const resolve of resolvers) resolve(copyOnBlack(canvas));
    },
    take(deck) {
      return new Promise((resolve) => {
        waiting.push(resolve);
        deck.redraw("capture");
      });
    },
  };
}
