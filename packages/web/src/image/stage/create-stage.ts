import type { PixelValues } from "@ozx/core";
import type { Tile } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";
import { createTileLoader, type WantedTile } from "../tiles/tile-loader.js";
import { createCanvasPainter } from "./canvas-painter.js";
import { type DrawnTile, loadedTiles, requestsFor, type TileQuery, wantedTiles } from "./drawn-tiles.js";
import { watchGestures } from "./gestures.js";
import { graphics } from "./graphics.js";
import type { CreatePainter, Painter, PicturePart } from "./painter.js";
import { type Sample, sampleTiles } from "./sample-tiles.js";
import { type Camera, fittingCamera, panned, type Scene, type Size, smallestZoom, viewOf } from "./scene.js";

/** Shows a scene that can be moved and zoomed, independent of React. */
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
const CAPACITY = 352 * 1024 * 1024;

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
  /** What was drawn of the last complete scene, which stays below the next one until it is complete. */
  let last: { key: string; parts: readonly PicturePart[] } = { key: "", parts: [] };
  let known = new Map<string, DrawnTile>();
  let sampled: { image: DrawnTile[]; labels: DrawnTile[][] } = { image: [], labels: [] };
  let queued = false;
  let drawnAt = -Infinity;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let painter: Painter | undefined;
  let isDestroyed = false;

  const loader = createTileLoader<PixelValues>({
    sizeOf: ({ byteLength }) => byteLength,
    capacity: CAPACITY * part,
    onLoad: () => queueLoaded(),
    onError: events.onError,
  });

  const ready = loadPainter().then((createPainter) => {
    const created = createPainter(parent, events.onError);
    painter = created;
    if (isDestroyed) created.destroy();
    else queue();
    return created;
  });
  ready.catch(events.onError);

  const resizes = new ResizeObserver(() => {
    size = { width: parent.clientWidth, height: parent.clientHeight };
    queue();
  });
  resizes.observe(parent);

  /** The camera of the next picture. */
  const cameraOf = (shown: Scene): Camera =>
    clampCamera(camera ?? fittingCamera(shown.pyramid, size), shown, size);
  const move = (change: (from: Camera, shown: Scene) => Camera): void => {
    if (scene === undefined) return;
    camera = clampCamera(change(cameraOf(scene), scene), scene, size);
    queue();
  };
  const endGestures = watchGestures(parent, {
    onPan: (right, down) => move((from) => panned(from, -right, -down)),
    onZoom: (steps, at) =>
      move((from, shown) => {
        const [right, down] = [at.x - size.width / 2, at.y - size.height / 2];
        const { zoom } = clampCamera({ ...from, zoom: from.zoom + steps }, shown, size);
        // What is under the pointer stays there.
        return panned({ ...panned(from, right, down), zoom }, -right, -down);
      }),
  });

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
    const at = cameraOf(scene);
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

    if (painter === undefined) return;

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
    sampled = { image: isWhole ? fitting : [...fitting, ...below], labels: [] };
    sampled.labels = labels.map((each) => collect(each.query, each.tiles));
    const parts: PicturePart[] = [
      { tiles: [...below, ...fitting], channels: scene.channels },
      ...labels.map(({ label }, index) => ({ tiles: sampled.labels[index] ?? [], label })),
    ];

    const key = JSON.stringify([scene.slice, query.channels]);
    const complete = loader.settled && scene.pending.length === 0;
    const under = complete || last.key === key ? [] : last.parts.map((old) => withoutTiles(old, known));
    if (complete) last = { key, parts };

    painter.paint({ camera: at, size, parts: [...under, ...parts] });
    events.onCamera(at, size);
    const isEmpty = [...under, ...parts].every(({ tiles }) => tiles.length === 0);
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
    capture: async () => (await ready).capture(),
    retry() {
      loader.forgetFailures();
      queue();
    },
    destroy() {
      isDestroyed = true;
      clearTimeout(pause);
      endGestures();
      resizes.disconnect();
      loader.close();
      painter?.destroy();
    },
  };
}

/** Loads what draws fastest in this browser. */
export async function loadPainter(): Promise<CreatePainter> {
  if (graphics() !== "card") return createCanvasPainter;
  return (await import("./webgl-painter.js")).createWebglPainter;
}

function withoutTiles(part: PicturePart, drawn: ReadonlyMap<string, DrawnTile>): PicturePart {
  return { ...part, tiles: part.tiles.filter(({ id }) => !drawn.has(id)) };
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
