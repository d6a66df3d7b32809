import { sortInSlices } from "../bytes/slices.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { UnsafeNameError } from "../errors.js";
import type { AbsolutePath, ListOptions, RangeQuery, StoreEntry } from "./store.js";

/** Joins a node's path and a name below it: `/` + `labels` is `/labels`. */
export function joinKey(parent: AbsolutePath, name: string): AbsolutePath {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

/** The name of a key relative to a node, the inverse of {@link joinKey}: `/labels/0` is `0` below `/labels`. */
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

/** Whether `key` lies below the node `prefix`. */
export function isBelow(key: AbsolutePath, prefix: AbsolutePath): boolean {
  return prefix === "/" || (key.startsWith(prefix) && key.charCodeAt(prefix.length) === SLASH);
}

/**
 * Compares keys segment by segment, and runs of digits by their value: `/0/c/2/0` comes before `/0/c/10/0`, and a node
 * before everything below it. The order does not depend on the locale or the file system.
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

/** Whether a character code is that of an ASCII digit. */
export function isDigit(code: number): boolean {
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

/**
 * Why a key is unsafe as the name of a file below a folder: it would lead out of the folder, or not survive there.
 *
 * @returns the end of a sentence about the key; undefined where it is safe
 */
export function unsafeReason(key: AbsolutePath): string | undefined {
  if (!SUSPICIOUS.test(key)) return undefined;
  if (key.includes("\0")) return "has a NUL character in its name";
  if (key.includes("\\")) return "has a backslash in its name";
  const segments = key.slice(1).split("/");
  if (segments[0] === "") return "has an absolute name";
  if (/^[A-Za-z]:/.test(segments[0] ?? "")) return "has a name that starts with a drive letter";
  if (segments.includes("..")) return 'has ".." in its name and would leave the destination';
  if (segments.includes(".") || segments.includes("")) return "has an empty segment in its name";
  return undefined;
}

/** Matches every unsafe key. It is ten times faster than the checks above, and runs for every file that is read. */
const SUSPICIOUS = /[\0\\:]|\/\.{0,2}(?:\/|$)/;

/**
 * Checks that no key leads out of the folder it is written to.
 *
 * @param location the archive or folder that the keys come from
 * @throws UnsafeNameError for the first key that does
 */
export function checkKeysSafe(keys: Iterable<AbsolutePath>, location: string): void {
  for (const key of keys) {
    const reason = unsafeReason(key);
    if (reason === undefined) continue;
    const name = JSON.stringify(key.slice(1));
    throw new UnsafeNameError(
      `${name} in ${location} ${reason}: nothing was written, do not trust this file`,
      {
        location,
        path: key,
      },
    );
  }
}

/**
 * Checks that no two keys are the same file on systems that ignore case or normalise Unicode (macOS, Windows), and that
 * no key is both a file and a folder.
 *
 * @param location the archive or folder that the keys come from
 * @throws UnsafeNameError naming the keys
 */
export function checkKeysDistinct(keys: readonly AbsolutePath[], location: string): void {
  const check = distinctKeys(location);
  for (const key of keys) check(key);
}

/** Like {@link checkKeysDistinct}, one key at a time: each call throws where its key clashes with an earlier one. */
export function distinctKeys(location: string): (key: AbsolutePath) => void {
  const files = new Map<string, AbsolutePath>();
  const folders = new Set<AbsolutePath>(["/"]);
  const spellings = new Map<string, AbsolutePath>();
  const reject = (path: AbsolutePath, what: string): never => {
    throw new UnsafeNameError(`${what}: nothing was written`, { location, path });
  };
  const clash = (a: string, b: AbsolutePath): never => {
    const format = differsInForm(a, b) ? formatForm : JSON.stringify;
    return reject(
      b,
      `${format(a.slice(1))} and ${format(b.slice(1))} in ${location} would be the same file in a folder on many systems, so rename one of them, or leave it out with --leave-out`,
    );
  };
  const bothKinds = (path: AbsolutePath): never =>
    reject(path, `${JSON.stringify(path.slice(1))} in ${location} is both a file and a folder`);
  return (key) => {
    const folded = foldKey(key);
    const other = files.get(folded);
    if (other !== undefined) clash(other, key);
    if (spellings.has(folded)) bothKinds(key);
    files.set(folded, key);
    for (let folder = parentKey(key); !folders.has(folder); folder = parentKey(folder)) {
      const foldedFolder = foldKey(folder);
      if (files.has(foldedFolder)) bothKinds(folder);
      const spelling = spellings.get(foldedFolder);
      if (spelling !== undefined) clash(spelling, folder);
      spellings.set(foldedFolder, folder);
      folders.add(folder);
    }
  };
}

/** Whether two names look the same, and differ in their normal form of Unicode only. */
export function differsInForm(a: string, b: string): boolean {
  return a !== b && a.normalize("NFC") === b.normalize("NFC");
}

/** A name with its normal form, for messages about one that looks the same. */
export function formatForm(name: string): string {
  if (name === name.normalize("NFC")) return `${JSON.stringify(name)} (composed)`;
  return `${JSON.stringify(name)} (${name === name.normalize("NFD") ? "decomposed" : "mixed"})`;
}

/**
 * The key as a file system that ignores case compares it: `straße` is `strasse`, as `STRASSE` is, and the normal form of
 * Unicode does not matter.
 */
export function foldKey(key: string): string {
  const lower = key.normalize("NFC").toLowerCase();
  return NOT_ASCII.test(lower)
    ? lower.replace(FOLDED_FURTHER, (one) => one.toUpperCase().toLowerCase())
    : lower;
}

const NOT_ASCII = /[^\0-\x7f]/;
/** All but the Turkish i without a dot, which is another letter than i everywhere. */
const FOLDED_FURTHER = /[^\0-\x7f\u0131]/gu;

/**
 * Why a key is not the same name on every system: Windows has reserved names, ignores dots and spaces at the end, and
 * does not allow control characters; characters that change the direction of text make a name look like another one.
 *
 * @returns the end of a sentence about the key; undefined where it is the same everywhere
 */
export function unportableReason(key: AbsolutePath): string | undefined {
  if (CONTROL.test(key)) return "has a control character in its name";
  if (BIDIRECTIONAL.test(key)) return "has a character in its name that changes the direction of text";
  if (!/[. ](?:\/|$)/.test(key) && !RESERVED.test(key)) return undefined;
  if (RESERVED.test(key)) return "has a name that Windows reserves for a device";
  const ending = key.split("/").find((segment) => /[^.][. ]+$/.test(segment));
  return ending === undefined
    ? undefined
    : "has a name that ends with a dot or a space, which Windows leaves out";
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL = /[\x01-\x1f\x7f]/;
const BIDIRECTIONAL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const RESERVED = /\/(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\.[^/]*)?(?:\/|$)/i;

/**
 * Checks that Windows can hold every key as a file of its own name.
 *
 * @throws UnsafeNameError for the first key that it would mix up with another name, or take for a device
 */
export function checkKeysOnWindows(keys: Iterable<AbsolutePath>, location: string): void {
  for (const key of keys) {
    const reason = unportableReason(key);
    if (reason === undefined || BIDIRECTIONAL.test(key)) continue;
    throw new UnsafeNameError(
      `${JSON.stringify(key.slice(1))} in ${location} ${reason}: nothing was written, unpack it on another system`,
      { location, path: key },
    );
  }
}

/** Whether a listing with these options yields `key`. */
export function isListed(key: AbsolutePath, options: ListOptions | undefined): boolean {
  if (options?.prefix !== undefined && !isBelow(key, options.prefix)) return false;
  return options?.names === undefined || options.names.includes(keyName(key));
}

/** All entries of a listing, in the order of `compareKeys`. */
export async function collectEntries(
  entries: AsyncIterable<StoreEntry>,
  options?: ReadOptions,
): Promise<StoreEntry[]> {
  const all: StoreEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return sortInSlices(all, (a, b) => compareKeys(a.key, b.key), options);
}

/**
 * The part of a value of `size` bytes that a range selects, cut to the bytes that exist.
 *
 * @throws RangeError for an offset or length that is not a whole number from 0 on
 */
export function resolveRange(range: RangeQuery, size: number): { offset: number; length: number } {
  if ("suffixLength" in range) {
    const length = Math.min(requireCount(range.suffixLength), size);
    return { offset: size - length, length };
  }
  const offset = Math.min(requireCount(range.offset), size);
  return { offset, length: Math.min(requireCount(range.length), size - offset) };
}

function requireCount(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`a range takes whole numbers from 0 on, not ${value}`);
}
