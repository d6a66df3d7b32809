import { type CentralDirectory, MARK_DIRECTORY } from "../directory/central-directory.js";

/** How the entries of an archive are ordered in its central directory (RFC-9's recommendations on order). */
export interface DirectoryOrder {
  /** How many entries are named `zarr.json`, those that a later one shadows included. */
  readonly documents: number;
  /** Whether the first entry is the root's `zarr.json`. */
  readonly rootFirst: boolean;
  /** Whether no `zarr.json` comes after another entry: with `rootFirst`, what `jsonFirst` promises. */
  readonly documentsFirst: boolean;
  /** Whether no `zarr.json` comes after one that lies deeper. */
  readonly breadthFirst: boolean;
}

/** Looks at names as bytes, so that a million entries take milliseconds. */
export function directoryOrder({ count, names, nameEnds, marks }: CentralDirectory): DirectoryOrder {
  let documents = 0;
  let rootFirst = false;
  let documentsFirst = true;
  let breadthFirst = true;
  let others = 0;
  let deepest = 0;
  for (let index = 0, start = 0; index < count; index++) {
    const end = nameEnds[index] as number;
    if (isDocument(names, start, end)) {
      documents++;
      if (index === 0) rootFirst = end - start === DOCUMENT.length;
      if (others > 0) documentsFirst = false;
      const depth = countSlashes(names, start, end);
      if (depth < deepest) breadthFirst = false;
      deepest = Math.max(deepest, depth);
    } else if (((marks[index] as number) & MARK_DIRECTORY) === 0) {
      others++;
    }
    start = end;
  }
  return { documents, rootFirst, documentsFirst, breadthFirst };
}

const DOCUMENT = new TextEncoder().encode("zarr.json");
const SLASH = 0x2f;

/** Whether the last segment of the name at `start..end` of `names` is `zarr.json`. */
export function isDocument(names: Uint8Array, start: number, end: number): boolean {
  const at = end - DOCUMENT.length;
  if (at < start || (at > start && names[at - 1] !== SLASH)) return false;
  for (let i = 0; i < DOCUMENT.length; i++) if (names[at + i] !== DOCUMENT[i]) return false;
  return true;
}

function countSlashes(names: Uint8Array, start: number, end: number): number {
  let slashes = 0;
  for (let at = start; at < end; at++) if (names[at] === SLASH) slashes++;
  return slashes;
}
