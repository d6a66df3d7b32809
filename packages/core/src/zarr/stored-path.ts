import type { AbsolutePath } from "../store/store.js";
import { parentKey } from "../store/store-keys.js";

/** Nodes, or their documents, by their paths. They do not change any more. */
export type Nodes = ReadonlyMap<AbsolutePath, unknown>;

/** The paths of nodes that are not ASCII, by their composed form (NFC). */
const BY_FORM = new WeakMap<Nodes, ReadonlyMap<string, readonly AbsolutePath[]>>();

/**
 * The path of a node as it is stored, where metadata has it in another normal form of Unicode: macOS decomposes names
 * (NFD) that were written composed (NFC). The path itself where there is no such node, or more than one.
 */
export function storedPath(nodes: Nodes, path: AbsolutePath): AbsolutePath {
  if (nodes.has(path) || !NOT_ASCII.test(path)) return path;
  const found = byForm(nodes).get(path.normalize("NFC")) ?? [];
  return found.length === 1 ? (found[0] as AbsolutePath) : path;
}

/** Nodes of one group whose names differ in their normal form only, in pairs. */
export function* namesakes(nodes: Nodes): Generator<readonly [AbsolutePath, AbsolutePath]> {
  for (const paths of byForm(nodes).values()) {
    const [first, ...others] = paths;
    for (const other of others) {
      if (first !== undefined && parentKey(first) === parentKey(other)) yield [first, other];
    }
  }
}

function byForm(nodes: Nodes): ReadonlyMap<string, readonly AbsolutePath[]> {
  const known = BY_FORM.get(nodes);
  if (known !== undefined) return known;
  const paths = new Map<string, AbsolutePath[]>();
  for (const path of nodes.keys()) {
    if (!NOT_ASCII.test(path)) continue;
    const form = path.normalize("NFC");
    const same = paths.get(form);
    if (same === undefined) paths.set(form, [path]);
    else same.push(path);
  }
  BY_FORM.set(nodes, paths);
  return paths;
}

const NOT_ASCII = /[^\0-\x7f]/;
