import type { AbsolutePath, Finding, Store } from "@ozx/core";
import { canReadSync, isBelow, isListed, type MemoryStore } from "@ozx/core/container";
import { joinKey } from "@ozx/core/internal";

/** A store at a path of a {@link joinStores joined} one. */
export interface Mount {
  readonly path: AbsolutePath;
  readonly store: Store;
}

/** What is joined. */
export interface StoresToJoin {
  /** At paths of which none lies in another. */
  readonly mounts: readonly Mount[];
  /** The documents above them. */
  readonly documents: MemoryStore;
  /** The stores that the mounts are views of. They are closed with the joined one. */
  readonly sources: readonly Store[];
  readonly findings: readonly Finding[];
}

/**
 * Several stores as one hierarchy, each at a path of its own. Values are read from where they are, with the capabilities
 * that all of them have.
 *
 * @param name in messages
 */
export function joinStores(name: string, { mounts, documents, sources, findings }: StoresToJoin): Store {
  const mountAt = new Map(mounts.map((mount) => [mount.path, mount]));
  /** The store that has a key, and the key there. */
  const find = (key: AbsolutePath): readonly [Store, AbsolutePath] => {
    for (let end = key.indexOf("/", 1); end > 0; end = key.indexOf("/", end + 1)) {
      const mount = mountAt.get(key.slice(0, end) as AbsolutePath);
      if (mount !== undefined) return [mount.store, key.slice(end) as AbsolutePath];
    }
    return [documents, key];
  };
  const store: Store = {
    name,
    format: "joined",
    findings: [...findings, ...sources.flatMap((source) => source.findings)],
    maxMetadata: sources[0]?.maxMetadata,
    async get(key, options) {
      const [at, inside] = find(key);
      return at.get(inside, options);
    },
    async getRange(key, range, options) {
      const [at, inside] = find(key);
      return at.getRange(inside, range, options);
    },
    async stream(key, options) {
      const [at, inside] = find(key);
      return at.stream(inside, options);
    },
    async *list({ prefix = "/", names, signal } = {}) {
      yield* documents.list({ prefix, names, signal });
      for (const mount of mounts) {
        const isInside = isBelow(prefix, mount.path);
        if (!isInside && prefix !== mount.path && !isBelow(mount.path, prefix)) continue;
        const below = isInside ? (prefix.slice(mount.path.length) as AbsolutePath) : "/";
        for await (const { key, size } of mount.store.list({ prefix: below, names, signal })) {
          const joined = joinKey(mount.path, key.slice(1));
          if (isListed(joined, { prefix, names })) yield { key: joined, size };
        }
      }
    },
    async checkUnchanged(keys, options) {
      if (keys === undefined) {
        for (const source of sources) await source.checkUnchanged?.(undefined, options);
        return;
      }
      for (const [at, inside] of groupKeys(keys, find)) await at.checkUnchanged?.(inside, options);
    },
    async close() {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
  if (mounts.some((mount) => mount.store.locate !== undefined)) {
    store.locate = (key, range) => {
      const [at, inside] = find(key);
      return at.locate?.(inside, range);
    };
  }
  if (!mounts.every((mount) => canReadSync(mount.store))) return store;
  return {
    ...store,
    readSync(key, target) {
      const [at, inside] = find(key);
      return at.readSync?.(inside, target);
    },
    openSync(key) {
      const [at, inside] = find(key);
      return at.openSync?.(inside);
    },
  };
}

function groupKeys(
  keys: Iterable<AbsolutePath>,
  find: (key: AbsolutePath) => readonly [Store, AbsolutePath],
): Map<Store, AbsolutePath[]> {
  const groups = new Map<Store, AbsolutePath[]>();
  for (const key of keys) {
    const [store, inside] = find(key);
    const group = groups.get(store);
    if (group === undefined) groups.set(store, [inside]);
    else group.push(inside);
  }
  return groups;
}
