import { Deck, type Layer, OrthographicView } from "@deck.gl/core";
import type { PixelValues } from "@ozx/core";
import type { Tile } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";
import { createTileLoader, type WantedTile } from "../tiles/tile-loader.js";
import { type DrawnTile, loadedTiles, requestsFor, type TileQuery, wantedTiles } from "./drawn-tiles.js";
import { imageLayers, labelLayers } from "./layers.js";
import { type Sample, sampleTiles } from "./sample-tiles.js";
import { type Camera, fittingCamera, type Scene, type Size, smallestZoom, viewOf } from "./scene.js";

/** A canvas that shows a scene, independent of React. */
export interface Stage {
  show(scene: Scene): void;
  /** Moves the camera; undefined shows the whole image. */
  look(camera: Camera | undefined): void;
  /** The pixels that are drawn at a point of the plane; undefined where none are. */
  sample(point: { readonly x: number; readonly y: number }): Sample | undefined;
  /** A copy of the picture on the screen. */
  capture(): Promise<HTMLCanvasElement>;
  /** Reads again the tiles that could not be read. */
  retry(): void;
  destroy(): void;
}

/** `empty` while there is nothing to see yet, and `complete` once every visible tile is drawn. */
export type DrawnState = "empty" | "partial" | "complete";

/** Callbacks of a stage. */
export interface StageEvents {
  /** Called with the camera and the size of the stage, in pixels of CSS, whenever the stage is drawn. */
  onCamera(camera: Camera, size: Size): void;
  /** Called with the slice of the scene whenever the stage is drawn or gets something else to draw. */
  onDrawn(state: DrawnState, slice: Slice): void;
  onError(error: unknown): void;
}

/** Milliseconds between two pictures while tiles are read, so that drawing them leaves time to read more. */
const PAUSE = 100;

/** Bytes of decoded tiles in the cache. */
const CAPACITY = 384 * 1024 * 1024;

/** Of a value in memory. */
const MOST_BYTES = 8;

/** 64 pixels of CSS per pixel of the largest level. */
const MAX_ZOOM = 6;

/**
 * Creates a stage in an element, which it fills.
 *
 * @param part of the memory for decoded tiles, where several stages share it
 */
export function createStage(parent: HTMLDivElement, events: StageEvents, part = 1): Stage {
  let scene: Scene | undefined;
  let camera: Camera | undefined;
  let size: Size = { width: parent.clientWidth, height: parent.clientHeight };
  /** The layers of the last complete scene, which stay below the next one until it is complete. */
  let last: { key: string; layers: Layer[] } = { key: "", layers: [] };
  let known = new Map<string, DrawnTile>();
  let sampled: { image: DrawnTile[]; labels: DrawnTile[][] } = { image: [], labels: [] };
  let queued = false;
  let drawnAt = -Infinity;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const captures = createCaptures(parent);

  const loader = createTileLoader<PixelValues>({
    sizeOf: ({ byteLength }) => byteLength,
    capacity: CAPACITY * part,
    onLoad: () => queueLoaded(),
    onError: events.onError,
  });

  const deck = new Deck({
    parent,
    // No edge here is slanted; antialiasing would blend the pixels on both sides of a tile's border.
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

  const queueLoaded = (): void => {
    const wait = loader.settled ? 0 : drawnAt + PAUSE - performance.now();
    if (wait <= 0) queue();
    else pause ??= setTimeout(queue, wait);
  };

  const draw = (): void => {
    clearTimeout(pause);
    pause = undefined;
    drawnAt = performance.now();
    if (scene === undefined || size.width === 0) return;
    const at = clampCamera(camera ?? fittingCamera(scene.pyramid, size), scene, size);
    const view = viewOf(at, size);
    const scale = 2 ** at.zoom * devicePixelRatio;
    const query: TileQuery = { ...scene, channels: scene.channels.map(({ index }) => index), view, scale };
    const image = wantedTiles(query);
    const labels = scene.labels.map((label) => {
      const labelQuery = { ...query, pyramid: label.pyramid, channels: [0] };
      return { label, query: labelQuery, tiles: wantedTiles(labelQuery).fitting };
    });
    const labelRequests = (slice: Slice): WantedTile<PixelValues>[] =>
      labels.flatMap((each) => requestsFor({ ...each.query, slice }, each.tiles));

    loader.want(
      [...requestsFor(query, [...image.below, ...image.fitting]), ...labelRequests(scene.slice)],
      [
        // Read while the windows are computed.
        ...requestsFor({ ...query, channels: scene.pending }, image.fitting),
        ...slicesAhead(scene, image.fitting).flatMap((slice) => [
          ...requestsFor({ ...query, slice }, image.fitting),
          ...labelRequests(slice),
        ]),
      ],
    );

    const previous = known;
    known = new Map();
    const collect = (from: TileQuery, tiles: readonly Tile[]): DrawnTile[] => {
      const loaded = loadedTiles(from, tiles, loader, previous);
      for (const tile of loaded) known.set(tile.id, tile);
      return loaded;
    };
    const fitting = collect(query, image.fitting);
    const isWhole = fitting.length === image.fitting.length;
    const below = isWhole ? [] : collect(query, image.below);
    const layers = imageLayers([...below, ...fitting], scene);
    sampled = { image: isWhole ? fitting : [...fitting, ...below], labels: [] };
    sampled.labels = labels.map((each) => collect(each.query, each.tiles));
    for (const [at, { label }] of labels.entries()) {
      layers.push(...labelLayers(sampled.labels[at] ?? [], label));
    }

    const key = JSON.stringify([scene.slice, query.channels]);
    const complete = loader.settled && scene.pending.length === 0;
    const ids = new Set(layers.map(({ id }) => id));
    const under = complete || last.key === key ? [] : last.layers.filter(({ id }) => !ids.has(id));
    if (complete) last = { key, layers };

    deck.setProps({
      viewState: {
        target: [at.x, at.y],
        zoom: at.zoom,
        minZoom: smallestZoom(scene.pyramid, size),
        maxZoom: MAX_ZOOM,
      },
      layers: [...under, ...layers],
    });
    events.onCamera(at, size);
    const isEmpty = under.length + layers.length === 0;
    events.onDrawn(complete ? "complete" : isEmpty ? "empty" : "partial", scene.slice);
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
    sample: (point) => sampleTiles(sampled.image, sampled.labels, point),
    capture: () => captures.take(deck),
    retry() {
      loader.forgetFailures();
      queue();
    },
    destroy() {
      clearTimeout(pause);
      loader.close();
      finalizeDeck(deck, parent);
    },
  };
}

/** The slices to read ahead, as many as take up to a quarter of the cache. */
function slicesAhead({ ahead = [], channels }: Scene, tiles: readonly Tile[]): readonly Slice[] {
  const pixels = tiles.reduce((sum, { x, y }) => sum + (x[1] - x[0]) * (y[1] - y[0]), 0);
  const bytes = pixels * channels.length * MOST_BYTES;
  return ahead.slice(0, Math.floor(CAPACITY / 4 / Math.max(1, bytes)));
}

/** Limits the zoom, and keeps the middle of the stage on the image. */
function clampCamera({ x, y, zoom }: Camera, { pyramid }: Scene, size: Size): Camera {
  return {
    x: Math.max(0, Math.min(pyramid.width, x)),
    y: Math.max(0, Math.min(pyramid.height, y)),
    zoom: Math.max(smallestZoom(pyramid, size), Math.min(MAX_ZOOM, zoom)),
  };
}

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
      for (const resolve of resolvers) resolve(copyOf(canvas));
    },
    take(deck) {
      return new Promise((resolve) => {
        waiting.push(resolve);
        deck.redraw("capture");
      });
    },
  };
}

/** A copy on a black background: the canvas is transparent where nothing is drawn. */
function copyOf(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d");
  context?.fillRect(0, 0, copy.width, copy.height);
  context?.drawImage(canvas, 0, 0);
  return copy;
}
