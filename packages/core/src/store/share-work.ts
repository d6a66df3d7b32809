import type { ReadOptions } from "../bytes/byte-source.js";
import { untilAborted } from "../bytes/until-aborted.js";

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
