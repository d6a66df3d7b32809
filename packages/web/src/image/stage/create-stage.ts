import { Deck, type Layer, OrthographicView } from "@deck.gl/core";
import type { PixelValues } from "@ozx/core";
import { createTileLoader } from "../tiles/tile-loader.js";
import { type DrawnTile, loadedTiles, requestsFor, type TileQuery, wantedTiles } from "./drawn-tiles.js";
import { imageLayers, labelLayers } from "./layers.js";
import { type Camera, fittingCamera, type Scene, type Size, smallestZoom, viewOf } from "./scene.js";

/** A canvas that shows a scene. Nothing of React is in here. */
export interface Stage {
  show(scene: Scene): void;
  /** Undefined: all of the image. */
  look(camera: Camera | undefined): void;
  /** The picture as it is on the screen. */
  capture(): Promise<HTMLCanvasElement>;
  /** Asks again for the tiles that could not be read. */
  retry(): void;
  destroy(): void;
}

export interface StageEvents {
  onCamera(camera: Camera, size: Size): void;
  /** Called after each change of what is drawn: whether all that is to be seen is there. */
  onDrawn(complete: boolean): void;
  onError(error: unknown): void;
}

/** Bytes of decoded tiles that are kept. */
const CAPACITY = 384 * 1024 * 1024;

export function createStage(parent: HTMLDivElement, events: StageEvents): Stage {
  let scene: Scene | undefined;
  let camera: Camera | undefined;
  let size: Size = { width: parent.clientWidth, height: parent.clientHeight };
  /** What was drawn when a scene was last complete, which stays below the next one until that is complete. */
  let last: { key: string; layers: Layer[] } = { key: "", layers: [] };
  let known = new Map<string, DrawnTile>();
  let queued = false;
  const captures = createCaptures(parent);

  const loader = createTileLoader<PixelValues>({
    sizeOf: ({ byteLength }) => byteLength,
    capacity: CAPACITY,
    onLoad: () => queue(),
    onError: events.onError,
  });

  const deck = new Deck({
    parent,
    // Nothing here has slanted edges; smoothed ones would mix the pixels on both sides of a tile's border.
    deviceProps: { type: "webgl", webgl: { antialias: false } },
    views: new OrthographicView({ id: "plane", flipY: true }),
    controller: { inertia: 200, scrollZoom: { speed: 0.008, smooth: false }, keyboard: false },
    viewState: { target: [0, 0], zoom: 0 },
    layers: [],
    getCursor: ({ isDragging }) => (isDragging ? "grabbing" : "grab"),
    onViewStateChange: ({ viewState }) => {
      const { target, zoom } = viewState as { target: number[]; zoom: number };
      move({ x: target[0] ?? 0, y: target[1] ?? 0, zoom });
    },
    onResize: ({ width, height }) => {
      size = { width, height };
      queue();
    },
    onError: (error) => events.onError(error),
    onAfterRender: captures.onAfterRender,
  });

  const move = (next: Camera): void => {
    camera = next;
    queue();
  };
  const queue = (): void => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      draw();
    });
  };

  const draw = (): void => {
    if (scene === undefined || size.width === 0) return;
    const at = clampCamera(camera ?? fittingCamera(scene.pyramid, size), scene, size);
    const view = viewOf(at, size);
    const scale = 2 ** at.zoom * devicePixelRatio;
    const query: TileQuery = { ...scene, channels: scene.channels.map(({ index }) => index), view, scale };
    const image = wantedTiles(query);
    const labelQuery = scene.labels && { ...query, pyramid: scene.labels.pyramid, channels: [0] };
    const labels = labelQuery === undefined ? [] : wantedTiles(labelQuery).fitting;

    loader.want([
      ...requestsFor(query, [...image.below, ...image.fitting]),
      ...(labelQuery === undefined ? [] : requestsFor(labelQuery, labels)),
    ]);

    const kept = known;
    known = new Map();
    const collect = (which: TileQuery, tiles: Parameters<typeof loadedTiles>[1]): DrawnTile[] => {
      const loaded = loadedTiles(which, tiles, loader, kept);
      for (const tile of loaded) known.set(tile.id, tile);
      return loaded;
    };
    const fitting = collect(query, image.fitting);
    const whole = fitting.length === image.fitting.length;
    const below = whole ? [] : collect(query, image.below);
    const layers = imageLayers([...below, ...fitting], scene);
    if (labelQuery !== undefined && scene.labels !== undefined) {
      layers.push(...labelLayers(collect(labelQuery, labels), scene.labels));
    }

    const key = JSON.stringify([scene.slice, query.channels]);
    const complete = loader.settled;
    const ids = new Set(layers.map(({ id }) => id));
    const under = complete || last.key === key ? [] : last.layers.filter(({ id }) => !ids.has(id));
    if (complete) last = { key, layers };

    deck.setProps({
      viewState: {
        target: [at.x, at.y],
        zoom: at.zoom,
        minZoom: smallestZoom(scene.pyramid, size),
        maxZoom: 6,
      },
      layers: [...under, ...layers],
    });
    events.onCamera(at, size);
    events.onDrawn(complete);
  };

  return {
    show(next) {
      scene = next;
      queue();
    },
    look(next) {
      camera = next;
      queue();
    },
    capture: () => captures.take(deck),
    retry() {
      loader.forgetFailures();
      queue();
    },
    destroy() {
      loader.close();
      deck.finalize();
    },
  };
}

/** No further out than is sensible, and never with the image out of sight. */
function clampCamera({ x, y, zoom }: Camera, { pyramid }: Scene, size: Size): Camera {
  return {
    x: Math.max(0, Math.min(pyramid.width, x)),
    y: Math.max(0, Math.min(pyramid.height, y)),
    zoom: Math.max(smallestZoom(pyramid, size), Math.min(6, zoom)),
  };
}

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
