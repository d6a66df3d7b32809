import { Deck, OrthographicView } from "@deck.gl/core";
import { createCaptures, finalizeDeck } from "./deck-canvas.js";
import { imageLayers, labelLayers } from "./layers.js";
import type { Painter } from "./painter.js";

/** Draws with WebGL: the values of tiles are textures, and shaders colour them. For graphics cards. */
export function createWebglPainter(parent: HTMLDivElement, onError: (error: unknown) => void): Painter {
  const captures = createCaptures(parent);
  const deck = new Deck({
    parent,
    // No edge here is slanted; antialiasing would blend the pixels on both sides of a tile's border.
    deviceProps: { type: "webgl", webgl: { antialias: false } },
    views: new OrthographicView({ id: "plane", flipY: true }),
    controller: false,
    viewState: { target: [0, 0], zoom: 0 },
    layers: [],
    // The stage sets it, on the same element.
    getCursor: () => parent.style.cursor,
    onError,
    onAfterRender: captures.onAfterRender,
  });
  return {
    paint: ({ camera, parts }) =>
      deck.setProps({
        viewState: { target: [camera.x, camera.y], zoom: camera.zoom },
        layers: parts.flatMap((part) =>
          "label" in part ? labelLayers(part.tiles, part.label) : imageLayers(part.tiles, part.channels),
        ),
      }),
    capture: () => captures.take(deck),
    destroy: () => finalizeDeck(deck, parent),
  };
}
