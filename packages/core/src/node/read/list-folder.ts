import { createHash } from "node:crypto";
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join, sep } from "node:path";
import { createThrottle } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { NotFoundError, UnreadableError } from "../../errors.js";
import { sourceChanged } from "../../store/entry-bytes.js";
import type { AbsolutePath, ListOptions, StoreEntry, StoreFingerprint } from "../../store/store.js";
import { compareKeys, isBelow, joinKey, unsafeReason } from "../../store/store-keys.js";
import { errorCode, readFailure, reading } from "../system/system-errors.js";

/**
 * All files below a folder as keys, folder by folder in the order of their names. The calls block, with pauses for other
 * work: in the thread pool, each file would cost several times as much.
 *
 * @param folder from {@link baseOf}
 * @param onFile called for each file before it is yielded
 * @throws NotFoundError for a dangling link, UnreadableError for devices, loops of links, and missing permissions
 */
export async function* listFolder(
  folder: string,
  options: ListOptions = {},
  onFile?: (key: AbsolutePath, stats: Stats) => void,
): AsyncGenerator<StoreEntry> {
  const throttle = createThrottle(options);
  for (const entry of entriesBelow(folder, "/", options)) {
    options.signal?.throwIfAborted();
    if (entry !== undefined) {
      onFile?.(entry.key, entry.stats);
      yield { key: entry.key, size: entry.stats.size };
    }
    const pause = throttle();
    if (pause !== undefined) await pause;
  }
}

interface FoundFile {
  readonly key: AbsolutePath;
  readonly stats: Stats;
}

/** The files below a node. Yields undefined after each folder, because many may pass without an entry. */
function* entriesBelow(
  folder: string,
  node: AbsolutePath,
  options: ListOptions,
): Generator<FoundFile | undefined> {
  for (const entry of sortedEntries(pathIn(folder, node))) {
    const key = joinKey(node, entry.name);
    const path = pathIn(folder, key);
    const kind = kindOf(entry, path);
    if (kind === "folder") {
      if (mayHold(key, options.prefix)) yield* entriesBelow(folder, key, options);
    } else if (isListedFile(key, entry.name, options)) {
      if (kind === "other") throw notRegular(path);
      yield { key, stats: reading(path, () => statSync(path)) };
    }
  }
  yield undefined;
}

function isListedFile(key: AbsolutePath, name: string, { prefix = "/", names }: ListOptions): boolean {
  return isBelow(key, prefix) && (names === undefined || names.includes(name));
}

/** Whether keys with `prefix` can be below the folder `node`. */
function mayHold(node: AbsolutePath, prefix: AbsolutePath = "/"): boolean {
  return node === prefix || isBelow(node, prefix) || isBelow(prefix, node);
}

function sortedEntries(path: string): Dirent[] {
  const entries = reading(path, () => readdirSync(path, { withFileTypes: true }));
  return entries.sort((a, b) => compareKeys(a.name, b.name));
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
        `${path} is a symbolic link to a folder above itself: remove it, or replace it by the intended file or folder`,
        { location: path },
      );
    }
    return "folder";
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw danglingLink(path, error);
    throw readFailure(error, path);
  }
}

function danglingLink(path: string, cause: unknown): NotFoundError {
  return new NotFoundError(
    `${path} is a link to a file that does not exist: restore that, or remove the link from the image`,
    { location: path },
    { cause },
  );
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function notRegular(path: string): UnreadableError {
  return new UnreadableError(`${path} is neither a file nor a folder: remove it from the image`, {
    location: path,
  });
}

/** How many files are hashed by one call. */
const HASH_BATCH = 4096;

/**
 * A fingerprint of files, in their order, from their paths, sizes and times, those of the last change of status (ctime)
 * too: `unzip` gives all files of an `.ozx` the same time of modification, and chunks may all have the same size.
 *
 * @param folder the common start of the paths, from {@link baseOf}
 * @throws NotFoundError when a file does not exist any more
 */
export async function fingerprintFiles(
  folder: string,
  paths: Iterable<string>,
  options?: ReadOptions,
): Promise<StoreFingerprint> {
  const hash = createHash("sha256");
  // The same for all names of the folder, such as relative paths and links.
  hash.update(reading(folder, () => realpathSync(folder || sep)));
  let batch: string[] = [];
  const throttle = createThrottle(options);
  let newest: number | undefined;
  for (const path of paths) {
    const { size, mtimeMs, ctimeMs } = reading(path, () => statSync(path));
    newest = Math.max(newest ?? mtimeMs, mtimeMs);
    batch.push(`\n${size} ${mtimeMs} ${ctimeMs} ${path.slice(folder.length)}`);
    if (batch.length === HASH_BATCH) {
      hash.update(batch.join(""));
      batch = [];
    }
    const pause = throttle();
    if (pause !== undefined) await pause;
  }
  hash.update(batch.join(""));
  return { text: hash.digest("hex"), newest };
}

/** What a listing has seen of files, which shows later whether they have changed. */
export interface ListedFiles {
  record(key: AbsolutePath, stats: Stats): void;
  /** As in `Store.checkUnchanged`. The calls block, with pauses, as those of {@link listFolder}. */
  check(keys?: Iterable<AbsolutePath>, options?: ReadOptions): Promise<void>;
}

/**
 * Remembers the times of files. A file that is written to, or replaced by another one, has another time of modification,
 * or at least of its last change of status (ctime), which no program can set: `cp -p` and `unzip` set only the former.
 *
 * @param folder from {@link baseOf}
 * @param name of the store, in messages
 */
export function listedFiles(folder: string, name: string): ListedFiles {
  // One number a file, since there may be millions. Of the two times none goes back when the other goes forward.
  const times = new Map<AbsolutePath, number>();
  const timeOf = ({ mtimeMs, ctimeMs }: Stats): number => mtimeMs + ctimeMs;
  return {
    record: (key, stats) => times.set(key, timeOf(stats)),
    async check(keys = times.keys(), options) {
      const throttle = createThrottle(options);
      for (const key of keys) {
        const time = times.get(key);
        if (time === undefined) continue;
        const path = pathIn(folder, key);
        const stats = reading(path, () => statSync(path, { throwIfNoEntry: false }));
        if (stats === undefined || timeOf(stats) !== time) throw sourceChanged({ name }, { key });
        const pause = throttle();
        if (pause !== undefined) await pause;
      }
    },
  };
}

/** The path of a key's file; undefined for keys that no listing yields, such as those that lead out of the folder. */
export function pathOf(folder: string, key: AbsolutePath): string | undefined {
  return key.startsWith("/") && unsafeReason(key) === undefined ? pathIn(folder, key) : undefined;
}

/** `join` for a safe key and a folder from `baseOf`: for each file, `join` takes a tenth of the time of reading it. */
function pathIn(folder: string, key: AbsolutePath): string {
  return sep === "/" ? `${folder}${key}` : join(folder, key);
}

/** The path of a folder without a separator at its end; empty for the root of the file system. */
export function baseOf(folder: string): string {
  const base = join(folder);
  return base.endsWith(sep) && sep === "/" ? base.slice(0, -1) : base;
}

/** The paths of the keys' files, without keys that no listing yields. */
export function* filesOf(folder: string, keys: Iterable<AbsolutePath>): Generator<string> {
  for (const key of keys) {
    const path = pathOf(folder, key);
    if (path !== undefined) yield path;
  }
}
