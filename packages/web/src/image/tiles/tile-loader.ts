/** A tile to load: `read` is called when its turn comes. */
export interface WantedTile<Value> {
  readonly key: string;
  read(signal: AbortSignal): Promise<Value>;
}

/** Loads the wanted tiles, eight at a time, aborts others, and caches the most recently used ones. */
export interface TileLoader<Value> {
  /**
   * Replaces the wanted tiles, the most urgent first. Reads of tiles that are no longer wanted are aborted.
   *
   * @param ahead tiles that will be wanted soon, which are read after the others
   */
  want(tiles: readonly WantedTile<Value>[], ahead?: readonly WantedTile<Value>[]): void;
  /** A tile from the cache. */
  get(key: string): Value | undefined;
  /** Whether a wanted tile could not be read. */
  hasFailed(key: string): boolean;
  /** Makes failed tiles be read again when they are wanted next. */
  forgetFailures(): void;
  /** Whether all wanted tiles have been loaded or have failed. Those read ahead do not count. */
  readonly settled: boolean;
  close(): void;
}

interface LoaderOptions<Value> {
  /** Bytes of a tile. */
  readonly sizeOf: (value: Value) => number;
  /** Bytes of the cache. */
  readonly capacity: number;
  readonly onLoad: () => void;
  readonly onError: (error: unknown) => void;
}

const MAX_READS = 8;

/** Creates a loader with an empty cache. */
export function createTileLoader<Value>(options: LoaderOptions<Value>): TileLoader<Value> {
  /** The least recently used first. */
  const loaded = new Map<string, Value>();
  const running = new Map<string, AbortController>();
  /** Not read again until other tiles are wanted or a retry is requested: a broken chunk would be read in a loop. */
  const failed = new Set<string>();
  /** Read ahead in vain, since the wanted tiles changed last. */
  const notAhead = new Set<string>();
  let waiting: WantedTile<Value>[] = [];
  let wantedKeys = new Set<string>();
  let aheadKeys = new Set<string>();
  let bytes = 0;
  let closed = false;

  const addToCache = (key: string, value: Value): void => {
    loaded.set(key, value);
    bytes += options.sizeOf(value);
    for (const [old, content] of loaded) {
      if (bytes <= options.capacity) break;
      if (wantedKeys.has(old) || aheadKeys.has(old)) continue;
      loaded.delete(old);
      bytes -= options.sizeOf(content);
    }
  };

  const load = async ({ key, read }: WantedTile<Value>): Promise<void> => {
    const controller = new AbortController();
    running.set(key, controller);
    try {
      const value = await read(controller.signal);
      if (!controller.signal.aborted) addToCache(key, value);
    } catch (error) {
      if (controller.signal.aborted) return;
      // One that fails ahead of its time is read again, and reported, when it is wanted.
      if (!wantedKeys.has(key)) return void notAhead.add(key);
      failed.add(key);
      options.onError(error);
    } finally {
      if (running.get(key) === controller) running.delete(key);
      if (!closed) {
        startNext();
        if (!controller.signal.aborted) options.onLoad();
      }
    }
  };

  const startNext = (): void => {
    while (running.size < MAX_READS) {
      const next = waiting.shift();
      if (next === undefined) return;
      void load(next);
    }
  };

  return {
    want(tiles, ahead = []) {
      const keys = new Set(tiles.map(({ key }) => key));
      if (keys.size !== wantedKeys.size || [...keys].some((key) => !wantedKeys.has(key))) {
        failed.clear();
        notAhead.clear();
      }
      wantedKeys = keys;
      aheadKeys = new Set(ahead.map(({ key }) => key));
      for (const [key, controller] of running) {
        if (wantedKeys.has(key) || aheadKeys.has(key)) continue;
        running.delete(key);
        controller.abort();
      }
      const isMissing = ({ key }: WantedTile<Value>): boolean => !loaded.has(key) && !running.has(key);
      waiting = [
        ...tiles.filter((tile) => isMissing(tile) && !failed.has(tile.key)),
        ...ahead.filter((tile) => isMissing(tile) && !wantedKeys.has(tile.key) && !notAhead.has(tile.key)),
      ];
      startNext();
    },
    get(key) {
      const value = loaded.get(key);
      if (value !== undefined) {
        loaded.delete(key);
        loaded.set(key, value);
      }
      return value;
    },
    hasFailed: (key) => failed.has(key),
    forgetFailures: () => failed.clear(),
    get settled() {
      const isWanted = (key: string): boolean => wantedKeys.has(key);
      return !waiting.some(({ key }) => isWanted(key)) && ![...running.keys()].some(isWanted);
    },
    close() {
      closed = true;
      waiting = [];
      for (const controller of running.values()) controller.abort();
    },
  };
}
