import { UnsafeNameError } from "../errors.js";
import { parentKey } from "./keys.js";
import type { AbsolutePath } from "./store.js";

/** Why a key that is a file's name below a folder would leave the folder, or not survive it; otherwise undefined. */
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
  const check = distinctKeys(location);
  for (const key of keys) check(key);
}

/** {@link checkKeysDistinct} for keys that come one by one: each call throws where a key clashes with those before. */
export function distinctKeys(location: string): (key: AbsolutePath) => void {
  const files = new Map<string, AbsolutePath>();
  const folders = new Set<AbsolutePath>(["/"]);
  const spellings = new Map<string, AbsolutePath>();
  const refuse = (path: AbsolutePath, what: string): never => {
    throw new UnsafeNameError(`${what}: nothing was written`, { location, path });
  };
  const clash = (a: string, b: AbsolutePath): never =>
    refuse(
      b,
      `${JSON.stringify(a.slice(1))} and ${JSON.stringify(b.slice(1))} in ${location} would be the same file in a folder on many systems`,
    );
  const bothKinds = (path: AbsolutePath): never =>
    refuse(path, `${JSON.stringify(path.slice(1))} in ${location} is both a file and a folder`);
  return (key) => {
    const folded = fold(key);
    const other = files.get(folded);
    if (other !== undefined) clash(other, key);
    if (spellings.has(folded)) bothKinds(key);
    files.set(folded, key);
    for (let folder = parentKey(key); !folders.has(folder); folder = parentKey(folder)) {
      const foldedFolder = fold(folder);
      if (files.has(foldedFolder)) bothKinds(folder);
      const spelling = spellings.get(foldedFolder);
      if (spelling !== undefined) clash(spelling, folder);
      spellings.set(foldedFolder, folder);
      folders.add(folder);
    }
  };
}

function fold(key: string): string {
  return key.normalize("NFC").toLowerCase();
}
