import type { AbsolutePath } from "./store.js";

/** Joins a node's path and a name below it: `/` + `labels` is `/labels`. */
export function joinKey(parent: AbsolutePath, name: string): AbsolutePath {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

/** The name that a key has below a node, the inverse of {@link joinKey}: `/labels/0` is `0` below `/labels`. */
export function nameBelow(parent: AbsolutePath, key: AbsolutePath): string {
  return key.slice(parent === "/" ? 1 : parent.length + 1);
}

/** The node that a key or path lies in: `/labels/0/zarr.json` is in `/labels/0`, and `/labels` in `/`. */
export function parentKey(key: AbsolutePath): AbsolutePath {
  const slash = key.lastIndexOf("/");
  return slash <= 0 ? "/" : (key.slice(0, slash) as AbsolutePath);
}

/** The last segment of a key. */
export function keyName(key: AbsolutePath): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/** How many segments a key has: `/zarr.json` has 1. */
export function keyDepth(key: AbsolutePath): number {
  let depth = 0;
  for (let i = 0; i < key.length; i++) if (key.charCodeAt(i) === SLASH) depth++;
  return depth;
}

/** Whether `key` lies below the node `prefix`. */
export function isBelow(key: AbsolutePath, prefix: AbsolutePath): boolean {
  return prefix === "/" || (key.startsWith(prefix) && key.charCodeAt(prefix.length) === SLASH);
}

/**
 * Orders keys segment by segment, runs of digits by their value, so that `/0/c/2/0` comes before `/0/c/10/0`
 * and a node comes before what lies below it. A total order that no locale and no file system has a say in.
 */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let i = 0;
  while (i < shorter && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === a.length || i === b.length) return a.length - b.length;
  const left = a.charCodeAt(i);
  const right = b.charCodeAt(i);
  if (left === SLASH) return -1;
  if (right === SLASH) return 1;
  if (inNumber(a, i) && inNumber(b, i)) {
    const difference = digitsFrom(a, i) - digitsFrom(b, i);
    if (difference !== 0) return difference;
  }
  return left - right;
}

const SLASH = 0x2f;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function inNumber(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at)) || (at > 0 && isDigit(text.charCodeAt(at - 1)));
}

function digitsFrom(text: string, at: number): number {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end++;
  return end - at;
}
