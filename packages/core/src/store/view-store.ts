import { createThrottle } from "../bytes/concurrency.js";
import type { AbsolutePath, BlockingReader, PartDescriptor, Store, UnlistedStore } from "./store.js";
import { isBelow, isListed, resolveRange } from "./store-keys.js";
import { refuseTooLong } from "./value-limit.js";

/** How a view maps its keys to those of its source. */
export interface KeyMapping {
  /** The node of the source that is the view's root; all other keys here are relative to it. */
  readonly root: AbsolutePath;
  /** Values that replace the source's. */
  readonly documents?: ReadonlyMap<AbsolutePath, Uint8Array>;
  /** The source's key for a key of the view, undefined where the view has no such key; the same key by default. */
  toSource?(key: AbsolutePath): AbsolutePath | undefined;
  /** The inverse of `toSource`. */
  toView?(key: AbsolutePath): AbsolutePath | undefined;
  /** The mapping without its root, as plain data; undefined where the view is everything below the root. */
  readonly part?: PartDescriptor | undefined;
}

/**
 * A part of a store as a store of its own: keys are mapped, some documents are replaced, and all other values are read
 * from the source, with the source's capabilities. Closing the view closes the source.
 *
 * @param name used in messages
 */
export function viewStore(source: Store, name: string, mapping: KeyMapping): Store {
  const { root, documents, toSource = sameKey, toView = sameKey } = mapping;
  const sourceKey = (key: AbsolutePath): AbsolutePath | undefined => {
    const inside = toSource(key);
    if (inside === undefined || root === "/") return inside;
    return inside === "/" ? root : `${root}${inside}`;
  };
  const viewKey = (key: AbsolutePath): AbsolutePath | undefined =>
    isBelow(key, root) ? toView(root === "/" ? key : (key.slice(root.length) as AbsolutePath)) : undefined;

  // Where keys are renamed, a prefix of the view is no prefix of the source.
  const sourcePrefix = (prefix: AbsolutePath | undefined): AbsolutePath =>
    (!mapping.toView && prefix && sourceKey(prefix)) || root;

  const { unlisted } = source;
  const unlistedView: UnlistedStore | undefined = unlisted && {
    async documents({ prefix, signal } = {}) {
      const found = await unlisted.documents({ prefix: sourcePrefix(prefix), signal });
      const mapped = new Map<AbsolutePath, Uint8Array>();
      for (const [at, document] of found) {
        const key = viewKey(at);
        if (key === undefined || !isListed(key, { prefix })) continue;
        mapped.set(key, documents?.get(key)?.slice() ?? document);
      }
      return mapped;
    },
    async size(key, options) {
      options?.signal?.throwIfAborted();
      const document = documents?.get(key);
      if (document !== undefined) return document.length;
      const at = sourceKey(key);
      return at && unlisted.size(at, options);
    },
  };

  const view: Store = {
    name,
    format: source.format,
    findings: source.findings,
    maxMetadata: source.maxMetadata,
    async get(key, options) {
      options?.signal?.throwIfAborted();
      const document = documents?.get(key);
      if (document !== undefined) {
        refuseTooLong(name, key, document.length, options);
        // A copy, which the caller may change.
        return document.slice();
      }
      const at = sourceKey(key);
      return at && source.get(at, options);
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      const document = documents?.get(key);
      if (document !== undefined) {
        const { offset, length } = resolveRange(range, document.length);
        return document.slice(offset, offset + length);
      }
      const at = sourceKey(key);
      return at && source.getRange(at, range, options);
    },
    async stream(key, options) {
      options?.signal?.throwIfAborted();
      const document = documents?.get(key);
      if (document !== undefined) return new Blob([document.slice()]).stream();
      const at = sourceKey(key);
      return at && source.stream(at, options);
    },
    async *list(options) {
      const names = mapping.toView ? undefined : options?.names;
      const where = { prefix: sourcePrefix(options?.prefix), names, signal: options?.signal };
      for await (const { key: at, size } of source.list(where)) {
        const key = viewKey(at);
        if (key === undefined || !isListed(key, options)) continue;
        yield { key, size: documents?.get(key)?.length ?? size };
      }
    },
    unlisted: unlistedView,
    close: () => source.close(),
  };
  const locate = source.locate?.bind(source);
  if (locate !== undefined) {
    view.locate = (key, range) => {
      const at = documents?.has(key) ? undefined : sourceKey(key);
      return at && locate(at, range);
    };
  }
  const descriptor = source.descriptor?.bind(source);
  if (descriptor !== undefined) {
    view.descriptor = () => {
      const base = descriptor();
      return { ...base, views: [...(base.views ?? []), { name, root, part: mapping.part }] };
    };
  }
  const readSync = source.readSync?.bind(source);
  const openSync = source.openSync?.bind(source);
  const fingerprint = source.fingerprint?.bind(source);
  if (fingerprint !== undefined) {
    // Without the replaced documents: whoever creates those knows what they depend on.
    view.fingerprint = (keys, options) => fingerprint(sourceKeys(keys, documents, sourceKey), options);
  }
  const checkUnchanged = source.checkUnchanged?.bind(source);
  if (checkUnchanged !== undefined) {
    view.checkUnchanged = (keys, options) =>
      checkUnchanged(keys && sourceKeys(keys, documents, sourceKey), options);
  }
  if (readSync !== undefined) {
    view.readSync = (key, target) => {
      const document = documents?.get(key);
      if (document !== undefined) return copyInto(target, document);
      const at = sourceKey(key);
      return at === undefined ? 0 : readSync(at, target);
    };
  }
  if (openSync !== undefined) {
    view.openSync = (key) => {
      const document = documents?.get(key);
      if (document !== undefined) return memoryReader(document);
      const at = sourceKey(key);
      return at === undefined ? undefined : openSync(at);
    };
  }
  return view;
}

function* sourceKeys(
  keys: Iterable<AbsolutePath>,
  documents: KeyMapping["documents"],
  sourceKey: (key: AbsolutePath) => AbsolutePath | undefined,
): Generator<AbsolutePath> {
  for (const key of keys) {
    const at = documents?.has(key) ? undefined : sourceKey(key);
    if (at !== undefined) yield at;
  }
}

function sameKey(key: AbsolutePath): AbsolutePath {
  return key;
}

function copyInto(target: Uint8Array, bytes: Uint8Array): number {
  const part = bytes.subarray(0, target.length);
  target.set(part);
  return part.length;
}

function memoryReader(bytes: Uint8Array): BlockingReader {
  let position = 0;
  return {
    read(target) {
      const length = copyInto(target, bytes.subarray(position));
      position += length;
      return length;
    },
    close() {},
  };
}

/** Larger than nearly all metadata documents; the few others are read with `get`. */
const BLOCK = 64 * 1024;

/**
 * The store with a `get` that is fast for thousands of small values, such as the metadata of a plate: it blocks where
 * the platform can, and yields to signals and timers now and then.
 */
export function withFastGets(store: Store): Store {
  const readSync = store.readSync?.bind(store);
  if (readSync === undefined) return store;
  const block = new Uint8Array(BLOCK);
  const pause = createThrottle();
  return {
    name: store.name,
    format: store.format,
    findings: store.findings,
    maxMetadata: store.maxMetadata,
    // Not by a spread, which leaves out the methods of a class.
    getRange: (key, range, options) => store.getRange(key, range, options),
    stream: (key, options) => store.stream(key, options),
    list: (options) => store.list(options),
    readSync,
    ...(store.openSync && { openSync: store.openSync.bind(store) }),
    ...(store.locate && { locate: store.locate.bind(store) }),
    ...(store.fingerprint && { fingerprint: store.fingerprint.bind(store) }),
    ...(store.checkUnchanged && { checkUnchanged: store.checkUnchanged.bind(store) }),
    ...(store.descriptor && { descriptor: store.descriptor.bind(store) }),
    unlisted: store.unlisted,
    close: () => store.close(),
    async get(key, options) {
      await pause();
      options?.signal?.throwIfAborted();
      const length = readSync(key, block);
      // Missing, empty or perhaps longer than the block: only `get` can tell.
      return length === undefined || length === 0 || length === BLOCK
        ? store.get(key, options)
        : block.slice(0, length);
    },
  };
}
