import type { ReadOptions } from "./source-and-sink.js";

/** Work whose result several callers share: see {@link shareWork} and {@link shareByKey}. */
export type SharedWork<T> = (options: { readonly signal: AbortSignal }) => Promise<T>;

/**
 * Memoizes asynchronous work: it runs once, however many callers wait for it, and its result is kept. A caller that
 * aborts stops waiting; when no caller waits any more, the work itself is aborted. After a failure the next call
 * runs the work again.
 */
export function shareWork<T>(work: SharedWork<T>): (options?: ReadOptions) => Promise<T> {
  const share = createShares<undefined, T>({ keep: true });
  return (options) => share(undefined, work, options);
}

/** Like {@link shareWork} for one piece of work a key, but callers share a result only while it is in flight. */
export function shareByKey<Key, T>(): (key: Key, work: SharedWork<T>, options?: ReadOptions) => Promise<T> {
  return createShares({ keep: false });
}

interface Share<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  /** How many callers wait for the result. */
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
        // A later caller must not join work that is being aborted.
        forget(key, share);
        share.controller.abort();
      }
    }
  };
}

/** Waits for work until the signal aborts. The work itself continues, since other callers may wait for it. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const end = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(end);
  });
}

interface Listener {
  readonly callbacks: Set<() => void>;
  readonly notify: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/**
 * Calls back when a signal aborts, until the returned function is called. All callbacks of a signal share one
 * listener, because Node warns of a memory leak from the eleventh listener on.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listener = listeners.get(signal) ?? listen(signal);
  const { callbacks, notify } = listener;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || listeners.get(signal) !== listener) return;
    listeners.delete(signal);
    signal.removeEventListener("abort", notify);
  };
}

function listen(signal: AbortSignal): Listener {
  const callbacks = new Set<() => void>();
  const notify = (): void => {
    for (const callback of callbacks) callback();
  };
  const listener = { callbacks, notify };
  listeners.set(signal, listener);
  signal.addEventListener("abort", notify, { once: true });
  return listener;
}

/** Waits, and rejects with the signal's reason as soon as it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end?.();
      resolve();
    }, milliseconds);
    const end =
      signal &&
      onAbort(signal, () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
  });
}

/** Limits concurrency: at most `most` calls run at once; the others wait in line. */
export function createConcurrencyLimit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The slot passes directly to the longest waiter, so that no new call can take it in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

/**
 * Runs `work` on several items at once and yields the results in the items' order, so that slow reads (a network, a
 * cold disk) overlap. A failure is thrown when it is the failed item's turn.
 *
 * @param atOnce how many items are in progress at most
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
 * Writes blocks one after the other, and requests the next block while one is being written. So a block must stay
 * unchanged until the next but one is requested; two alternating buffers are enough.
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
      // A failure is thrown where the write is awaited, and must not count as unhandled until then.
      writing.catch(() => {});
    }
  } finally {
    // Also after a failure: the caller must not close a file that is still being written.
    await writing;
  }
}

/**
 * Lets blocking work share its thread with timers, signals and other requests. Call the returned function between
 * steps and await its result: undefined, or every 12 ms a promise that yields to the event loop, and that rejects with
 * the signal's reason once that is aborted.
 */
export function createThrottle({ signal }: ReadOptions = {}): () => Promise<void> | undefined {
  let yielded = performance.now();
  return () => {
    if (performance.now() - yielded < SLICE) return undefined;
    return yieldToEventLoop().then(() => {
      yielded = performance.now();
      signal?.throwIfAborted();
    });
  };
}

/** Milliseconds. */
const SLICE = 12;

/** Lets timers, signals and other requests run. */
export function yieldToEventLoop(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => (setImmediate ? setImmediate(resolve) : setTimeout(resolve)));
}

/** Items `from..to` of a list, the end not included. */
export interface RunRange {
  readonly from: number;
  readonly to: number;
}

/** The bounds of a run's cost, in the unit of `costOf`. */
export interface RunSizes {
  /** Large enough that dispatching a run costs little compared with the run itself. */
  readonly least: number;
  /** Small enough that threads finish at about the same time, and that a failed run loses little. */
  readonly most: number;
}

/** Within those bounds, a list is split into about this many runs. */
const RUNS = 64;

/**
 * Splits a list into consecutive runs of about equal cost.
 *
 * @param count the length of the list
 * @param costOf the cost of the item at an index
 */
export function splitByCost(
  count: number,
  costOf: (index: number) => number,
  { least, most }: RunSizes,
): RunRange[] {
  let total = 0;
  for (let index = 0; index < count; index++) total += costOf(index);
  const enough = Math.min(most, Math.max(least, total / RUNS));
  const runs: RunRange[] = [];
  let from = 0;
  let cost = 0;
  for (let to = 1; to <= count; to++) {
    cost += costOf(to - 1);
    if (cost < enough && to < count) continue;
    runs.push({ from, to });
    from = to;
    cost = 0;
  }
  return runs;
}

/**
 * Splits a list into at most `parts` consecutive runs, each of the same cost but for half of the items at its ends.
 *
 * @param count the length of the list
 * @param costOf the cost of the item at an index, more than 0
 */
export function splitEvenly(count: number, costOf: (index: number) => number, parts: number): RunRange[] {
  let total = 0;
  for (let index = 0; index < count; index++) total += costOf(index);
  const runs: RunRange[] = [];
  let from = 0;
  let before = 0;
  let part = 0;
  for (let index = 0; index < count; index++) {
    const cost = costOf(index);
    const own = Math.floor(((before + cost / 2) / total) * parts);
    if (own > part && index > from) {
      runs.push({ from, to: index });
      from = index;
    }
    part = own;
    before += cost;
  }
  if (count > from) runs.push({ from, to: count });
  return runs;
}

/** A function that makes its value when it is first called, and has it from then on. */
export function memoize<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
