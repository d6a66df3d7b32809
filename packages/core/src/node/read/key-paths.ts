import { join, sep } from "node:path";
import type { AbsolutePath } from "../../store/store.js";
import { unsafeReason } from "../../store/store-keys.js";

/** Where a key's file is; undefined for keys that no listing yields, such as those that would leave the folder. */
export function pathOf(folder: string, key: AbsolutePath): string | undefined {
  return key.startsWith("/") && unsafeReason(key) === undefined ? pathIn(folder, key) : undefined;
}

/** `join` for a key of plain names and a folder as `baseOf` has it: asked for each file, `join` is a tenth of reading. */
export function pathIn(folder: string, key: AbsolutePath): string {
  return sep === "/" ? `${folder}${key}` : join(folder, key);
}

/** A folder as {@link pathIn} takes it. */
export function baseOf(folder: string): string {
  const base = join(folder);
  return base.endsWith(sep) && sep === "/" ? base.slice(0, -1) : base;
}

export function* filesOf(folder: string, keys: Iterable<AbsolutePath>): Generator<string> {
  for (const key of keys) {
    const path = pathOf(folder, key);
    if (path !== undefined) yield path;
  }
}
