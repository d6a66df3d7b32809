import { UnsafeNameError } from "../errors.js";
import { parentKey } from "./keys.js";
import type { AbsolutePath } from "./store.js";

/** Why a key cannot be a file's name below a folder, or undefined when it can on every system. */
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

/**
 * What all keys that are refused have in them; one look is a tenth of the cost of the questions above, which
 * are asked for every file that is read.
 */
const SUSPICIOUS = /[\0\\:]|\/\.{0,2}(?:\/|$)/;

/**
 * Throws `UnsafeNameError` at the first key that would leave a folder it is written to.
 *
 * @param location the archive or folder that the keys come from
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
 * Throws `UnsafeNameError` where two keys would be one file on a system that ignores case or normalises
 * Unicode (macOS, Windows), or where a key would be both a file and a folder.
 */
export function checkKeysDistinct(keys: readonly AbsolutePath[], location: string): void {
  const seen = new Map<string, AbsolutePath>();
  const clash = (a: string, b: string): UnsafeNameError =>
    new UnsafeNameError(
      `${JSON.stringify(a.slice(1))} and ${JSON.stringify(b.slice(1))} in ${location} would be the same file in a folder on many systems: nothing was written`,
      { location, path: b },
    );
  for (const key of keys) {
    const folded = fold(key);
    const other = seen.get(folded);
    if (other !== undefined) throw clash(other, key);
    seen.set(folded, key);
  }
  const folders = new Set<AbsolutePath>(["/"]);
  for (const key of keys) {
    for (let folder = parentKey(key); !folders.has(folder); folder = parentKey(folder)) folders.add(folder);
  }
  const spellings = new Map<string, string>();
  for (const folder of folders) {
    const folded = fold(folder);
    if (seen.has(folded)) {
      throw new UnsafeNameError(
        `${JSON.stringify(folder.slice(1))} in ${location} is both a file and a folder: nothing was written`,
        { location, path: folder },
      );
    }
    const other = spellings.get(folded);
    if (other !== undefined) throw clash(other, folder);
    spellings.set(folded, folder);
  }
}

function fold(key: string): string {
  return key.normalize("NFC").toLowerCase();
}
