import type { ReadOptions } from "./source-and-sink.js";

/** Does work that is the same for all who ask: see {@link shareWork} and {@link shareByKey}. */
export type SharedWork<T> = (options: { readonly signal: AbortSignal }) => Promise<T>;

/**
 * Work whose result is one for all who ask: it is done once, however many wait for it, and its result is kept.
 * Whoever aborts stops waiting; when nobody waits any more the work itself is aborted. After a failure the next who
 * asks has it done again.
 */
export function shareWork<T>(work: SharedWork<T>): (options?: ReadOptions) => Promise<T> {
  const share = createShares<undefined, T>({ keep: true });
  return (options) => share(undefined, work, options);
}

/**
 * Like {@link shareWork}, for work of many kinds, which are told apart by a key. Results are shared by those who
 * wait at the same time, and not kept.
 */
export function shareByKey<Key, T>(): (key: Key, work: SharedWork<T>, options?: ReadOptions) => Promise<T> {
  return createShares({ keep: false });
}

interface Share<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  /** How many wait for the result. */
  waiting: number;
  settled: boolean;
}

function createShares<Key, T>({ keep }: { readonly keep: boolean }) {
  const shares = new Map<Key, Share<T>>();

  const forget = (key: Key, share: Share<T>): void => {
    if (shares.get(key) === share) shares.delete(key);
  };
  const start = (key: Key, work: SharedWork<T>): Share<T> => {
    const controller = new AbortController();
    const share = { controller, waiting: 0, settled: false, result: work({ signal: controller.signal }) };
    shares.set(key, share);
    share.result.then(
      () => {
        share.settled = true;
        if (!keep) forget(key, share);
      },
      () => forget(key, share),
    );
    return share;
  };

  return async (key: Key, work: SharedWork<T>, options?: ReadOptions): Promise<T> => {
    options?.signal?.throwIfAborted();
    const share = shares.get(key) ?? start(key, work);
    share.waiting++;
    try {
      return await untilAborted(share.result, options?.signal);
    } finally {
      share.waiting--;
      if (share.waiting === 0 && !share.settled) {
        // Nobody who comes later may get what is being given up.
        forget(key, share);
        share.controller.abort();
      }
    }
  };
}

/** Waits for work that others wait for too: it goes on when this one's signal aborts, and only the waiting ends. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const end = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(end);
  });
}

interface Listener {
  readonly callbacks: Set<() => void>;
  readonly tell: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/**
 * Calls back when a signal aborts, until the returned function is called. However many wait for a signal, it has one
 * listener: Node takes more than ten for a leak of memory, and says so to whoever runs the program.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listener = listeners.get(signal) ?? listen(signal);
  const { callbacks, tell } = listener;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || listeners.get(signal) !== listener) return;
    listeners.delete(signal);
    signal.removeEventListener("abort", tell);
  };
}

function listen(signal: AbortSignal): Listener {
  const callbacks = new Set<() => void>();
  const tell = (): void => {
    for (const callback of callbacks) callback();
  };
  const listener = { callbacks, tell };
  listeners.set(signal, listener);
  signal.addEventListener("abort", tell, { once: true });
  return listener;
}

/** Runs work so that no more than `most` of it goes on at once; the rest waits in line. */
export function createConcurrencyLimit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Handed over to who waits longest: it is not free in between for whoever comes just then.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

/**
 * Runs `work` on some items at once and yields the results in the items' order, so that a source whose reads
 * take long (a network, a cold disk) is kept busy. When one fails, its turn throws.
 */
export async function* readAhead<In, Out>(
  items: Iterable<In> | AsyncIterable<In>,
  atOnce: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const waiting: Promise<Out>[] = [];
  for await (const item of items) {
    const result = work(item);
    // A later failure must not count as unhandled while an earlier item is still waited for.
    result.catch(() => {});
    waiting.push(result);
    if (waiting.length >= atOnce) yield await (waiting.shift() as Promise<Out>);
  }
  for (const result of waiting) yield await result;
}

/**
 * Hands blocks to `write` one after the other, and asks for the next block while one is being written: so a
 * block must stay as it is until the next but one is asked for, which two buffers in turn make sure of.
 */
export async function writeBehind<Block>(
  blocks: AsyncIterable<Block>,
  write: (block: Block) => Promise<void>,
): Promise<void> {
  let writing = Promise.resolve();
  try {
    for await (const block of blocks) {
      await writing;
      writing = write(block);
      // Its failure is seen where it is waited for, and must not count as unhandled until then.
      writing.catch(() => {});
    }
  } finally {
    // Also after a failure: nobody may close a file that is still being written.
    await writing;
  }
}

/**
 * Lets blocking work share its thread with timers, signals and other requests: call it between steps, and
 * await what it returns, which is nothing until `SLICE` milliseconds have passed since the last rest.
 */
export function createThrottle(): () => Promise<void> | undefined {
  let rested = performance.now();
  return () => {
    if (performance.now() - rested < SLICE) return undefined;
    return yieldToEventLoop().then(() => {
      rested = performance.now();
    });
  };
}

const SLICE = 12;

function yieldToEventLoop(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => (setImmediate ? setImmediate(resolve) : setTimeout(resolve)));
}

/** Items `from..to` of a list, the end not included. */
export interface RunRange {
  readonly from: number;
  readonly to: number;
}

/** How large runs are, in the unit in which work is counted. */
export interface RunSizes {
  /** Large enough that handing a run on costs nothing beside doing it. */
  readonly least: number;
  /** Small enough that threads end at about the same time, and that not much is lost when one does not. */
  readonly most: number;
}

/** Between `least` and `most`, a list is split into about so many. */
const RUNS = 64;

/**
 * Splits a list into runs of about equal work, in its order.
 *
 * @param workOf how much work the item at an index is
 */
export function splitByCost(
  count: number,
  workOf: (index: number) => number,
  { least, most }: RunSizes,
): RunRange[] {
  let all = 0;
  for (let index = 0; index < count; index++) all += workOf(index);
  const enough = Math.min(most, Math.max(least, all / RUNS));
  const runs: RunRange[] = [];
  let from = 0;
  let work = 0;
  for (let to = 1; to <= count; to++) {
    work += workOf(to - 1);
    if (work < enough && to < count) continue;
    runs.push({ from, to });
    from = to;
    work = 0;
  }
  return runs;
}
