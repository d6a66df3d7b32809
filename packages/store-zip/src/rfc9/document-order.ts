import { compareKeys } from "@ozx/core";

/** RFC-9's order of metadata, spelt once: the root's `zarr.json` first, all before other entries, breadth-first. */

const ROOT = "zarr.json";
const DOCUMENT = new TextEncoder().encode(ROOT);
const SLASH = 0x2f;

/** Whether an entry of this name, or with a `/` before it a key, is a `zarr.json`. */
export function isDocumentName(name: string): boolean {
  return name === ROOT || name.endsWith(`/${ROOT}`);
}

/** The same of the name at `start..end` of `names`: there may be millions, which are never made to strings. */
export function isDocumentAt(names: Uint8Array, start: number, end: number): boolean {
  const at = end - DOCUMENT.length;
  if (at < start || (at > start && names[at - 1] !== SLASH)) return false;
  for (let i = 0; i < DOCUMENT.length; i++) if (names[at + i] !== DOCUMENT[i]) return false;
  return true;
}

/** Orders documents as RFC-9 has them, by their names or by their keys. */
export function compareDocuments(a: string, b: string): number {
  return depthOf(a) - depthOf(b) || compareKeys(a, b);
}

function depthOf(name: string): number {
  let slashes = 0;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) === SLASH) slashes++;
  return slashes;
}

/** A document that comes too late, and the one that it comes after. */
export interface LateDocument {
  readonly name: string;
  readonly before: string;
}

/**
 * Documents that are not breadth-first: after a deeper one, or after a child of a node that stands behind their own
 * parent.
 */
export function* outOfBreadthFirst(documents: readonly { readonly name: string }[]): Generator<LateDocument> {
  const places = new Map<string, number>();
  for (const [place, { name }] of documents.entries()) places.set(nodeOf(name), place);
  let last: { name: string; depth: number; parent: number } | undefined;
  for (const { name } of documents) {
    const depth = depthOf(name);
    const parent = places.get(parentOf(nodeOf(name))) ?? -1;
    const isLate =
      last !== undefined &&
      (depth < last.depth || (depth === last.depth && parent >= 0 && parent < last.parent));
    if (isLate && last !== undefined) yield { name, before: last.name };
    else last = { name, depth, parent };
  }
}

function nodeOf(document: string): string {
  return document.slice(0, Math.max(0, document.length - ROOT.length - 1));
}

function parentOf(node: string): string {
  return node.slice(0, Math.max(0, node.lastIndexOf("/")));
}

/** Whether what `jsonFirst` lets a reader assume is so: all documents first, the root's before all, none before a higher one. */
export function isJsonFirst(
  documents: readonly { readonly name: string; readonly othersBefore: number }[],
): boolean {
  let deepest = 0;
  return documents.every(({ name, othersBefore }, k) => {
    const depth = depthOf(name);
    const inOrder = othersBefore === 0 && depth >= deepest && (k > 0 || name === ROOT);
    deepest = depth;
    return inOrder;
  });
}
