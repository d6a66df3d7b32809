import { createHash } from "node:crypto";
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { createThrottle } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { NotFoundError, UnreadableError } from "../../errors.js";
import type { AbsolutePath, ListOptions, StoreEntry, StoreFingerprint } from "../../store/store.js";
import { compareKeys, isBelow, joinKey, unsafeReason } from "../../store/store-keys.js";
import { errorCode, readFailure } from "../system/system-errors.js";

/**
 * All files below a folder as keys, folder by folder in the order of their names. Blocking calls, with pauses for
 * others: asked in the thread pool, each file would cost several times as much.
 */
export async function* listFolder(folder: string, options: ListOptions = {}): AsyncGenerator<StoreEntry> {
  const pause = createThrottle();
  for (const entry of entriesBelow(folder, "/", options)) {
    options.signal?.throwIfAborted();
    if (entry !== undefined) yield entry;
    const rest = pause();
    if (rest !== undefined) await rest;
  }
}

/** The entries below a node, and undefined after each folder, where many may pass without an entry. */
function* entriesBelow(
  folder: string,
  node: AbsolutePath,
  options: ListOptions,
): Generator<StoreEntry | undefined> {
  for (const entry of sortedEntries(pathIn(folder, node))) {
    const key = joinKey(node, entry.name);
    const path = pathIn(folder, key);
    const kind = kindOf(entry, path);
    if (kind === "folder") {
      if (mayHold(key, options.prefix)) yield* entriesBelow(folder, key, options);
    } else if (isListedFile(key, entry.name, options)) {
      if (kind === "other") throw notRegular(path);
      yield { key, size: sizeOf(path) };
    }
  }
  yield undefined;
}

function isListedFile(key: AbsolutePath, name: string, { prefix = "/", names }: ListOptions): boolean {
  return isBelow(key, prefix) && (names === undefined || names.includes(name));
}

/** Whether keys below `prefix` can lie below the folder `node`. */
function mayHold(node: AbsolutePath, prefix: AbsolutePath = "/"): boolean {
  return node === prefix || isBelow(node, prefix) || isBelow(prefix, node);
}

function sortedEntries(path: string): Dirent[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.sort((a, b) => compareKeys(a.name, b.name));
  } catch (error) {
    throw readFailure(error, path);
  }
}

function kindOf(entry: Dirent, path: string): "file" | "folder" | "other" {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  if (!entry.isSymbolicLink()) return "other";
  try {
    const target = statSync(path);
    if (!target.isDirectory()) return target.isFile() ? "file" : "other";
    if (isWithin(realpathSync(join(path, "..")), realpathSync(path))) {
      throw new UnreadableError(
        `${path} is a symbolic link to a folder above itself: remove it, or replace it by what it should be`,
        { location: path },
      );
    }
    return "folder";
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw linkToNothing(path, error);
    throw readFailure(error, path);
  }
}

function linkToNothing(path: string, cause: unknown): NotFoundError {
  return new NotFoundError(
    `${path} is a link to nothing: put back what it leads to, or remove it from the image`,
    { location: path },
    { cause },
  );
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw readFailure(error, path);
  }
}

function notRegular(path: string): UnreadableError {
  return new UnreadableError(`${path} is neither a file nor a folder: remove it from the image`, {
    location: path,
  });
}

/** What is known of this many files is hashed at once. */
const FILES_AT_ONCE = 4096;

/**
 * A stamp of files, in their order, from where they are, their sizes and when they were last modified. Sizes and times
 * alone are not enough: `unzip` gives all files of an `.ozx` the same time, and chunks may all have one size.
 *
 * @param folder that the paths start with, empty for the root of all folders
 * @throws NotFoundError when one is not there any more
 */
export async function fingerprintFiles(
  folder: string,
  paths: Iterable<string>,
  options?: ReadOptions,
): Promise<StoreFingerprint> {
  const hash = createHash("sha256");
  // However the folder was named, it is the same one.
  hash.update(looking(folder, () => realpathSync(folder || sep)));
  let batch: string[] = [];
  const pause = createThrottle();
  let newest: number | undefined;
  for (const path of paths) {
    const { size, mtimeMs } = looking(path, () => statSync(path));
    newest = Math.max(newest ?? mtimeMs, mtimeMs);
    batch.push(`\n${size} ${mtimeMs} ${path.slice(folder.length)}`);
    if (batch.length === FILES_AT_ONCE) {
      hash.update(batch.join(""));
      batch = [];
    }
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    options?.signal?.throwIfAborted();
  }
  hash.update(batch.join(""));
  return { text: hash.digest("hex"), newest };
}

function looking<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw readFailure(error, path);
  }
}

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
