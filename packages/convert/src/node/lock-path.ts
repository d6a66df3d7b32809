import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { link, readFile, realpath, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { WriteFailedError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { errorCode, writeFailure } from "@ozx/core/internal/node";
import { removeAtExit } from "./at-exit.js";
import { isRunning, newLockPath, startOf } from "./partial-files.js";

/** While another process takes over a lock: how often to try again, and after how many milliseconds. */
const TAKEOVER = { tries: 20, pause: 50 };

/** The options of {@link lockPath}. */
export interface LockOptions {
  /** For how many milliseconds to wait for another writer that holds the lock; 0 by default. */
  readonly wait?: number | undefined;
  /**
   * Whether a new file or folder will be moved to the path, which is then locked even where nothing is there. Such a
   * lock keeps out only writers on this computer: on another one nobody could tell whether its holder still runs.
   */
  readonly creates?: boolean | undefined;
}

/**
 * Keeps other writers of ozx, in this process and in others, from the file or folder at `path`, by a lock file beside it.
 * The lock of a process that is gone is taken over, except from another computer, whose processes are unknown. Where
 * nothing is at `path`, only a new output is locked.
 *
 * @returns a function that releases the lock
 * @throws WriteFailedError when another writer holds it, or nothing can be written beside it
 */
export async function lockPath(
  path: string,
  { wait = 0, creates = false }: LockOptions = {},
): Promise<() => Promise<void>> {
  const real = await realpath(path).catch(() => (creates ? newPath(path) : undefined));
  if (real === undefined) return async () => {};
  const lock = lockOf(real);
  const own = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    since: Date.now(),
    start: startOf(process.pid),
    creates,
    // Makes the text unique.
    id: randomBytes(8).toString("hex"),
  });
  try {
    for (const until = Date.now() + wait; !(await acquire(lock, own)); await setTimeout(TAKEOVER.pause))
      if (Date.now() >= until) throw await lockedBy(path, lock);
  } catch (error) {
    throw writeFailure(error, path);
  }
  const forget = removeAtExit(() => {
    if (readFileSync(lock, "utf8") === own) rmSync(lock, { force: true });
  });
  return async () => {
    await release(lock, own);
    forget();
  };
}

/** The lock of a file or folder, beside it. */
export function lockOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.lock`);
}

/** Where something will be created, without links in the path of its folder. */
async function newPath(path: string): Promise<string> {
  const folder = dirname(resolve(path));
  return join(await realpath(folder).catch(() => folder), basename(path));
}

async function acquire(lock: string, own: string): Promise<boolean> {
  for (let attempt = 0; attempt < TAKEOVER.tries; attempt++) {
    if (await createLock(lock, own)) return true;
    const taken = await takeOver(lock, own);
    if (taken !== undefined) return taken;
    await setTimeout(TAKEOVER.pause);
  }
  return false;
}

/**
 * Replaces a lock whose holder is gone. The old lock stays until then, so that no other process can create one; a second
 * lock is held meanwhile, so that no other process takes the new lock for the old one and replaces it too.
 *
 * @returns false where the lock is held, undefined where it is gone or another process is replacing it
 */
async function takeOver(lock: string, own: string): Promise<boolean | undefined> {
  const found = await readLock(lock);
  if (found === undefined) return undefined;
  if (isHeld(found)) return false;
  const taking = takingOf(lock);
  if (!(await createLock(taking, own))) {
    await removeTaking(lock);
    return undefined;
  }
  try {
    const now = await readLock(lock);
    if (now === undefined) return undefined;
    if (isHeld(now)) return false;
    const staged = await writeStaged(lock, own);
    // A process that found the second lock of a killed process may have removed this one instead.
    if ((await readLock(taking))?.text !== own) {
      await rm(staged, { force: true });
      return undefined;
    }
    await rename(staged, lock);
    return true;
  } finally {
    await release(taking, own);
  }
}

/** The second lock of whoever replaces a lock. */
export function takingOf(lock: string): string {
  return `${lock}.taking`;
}

/** Removes the second lock of a process that was killed while it replaced a lock. */
export async function removeTaking(lock: string): Promise<void> {
  const found = await readLock(takingOf(lock));
  if (found !== undefined && !isHeld(found)) await rm(takingOf(lock), { force: true });
}

async function release(lock: string, own: string): Promise<void> {
  if ((await readLock(lock))?.text === own) await rm(lock, { force: true }).catch(() => {});
}

async function lockedBy(path: string, lock: string): Promise<WriteFailedError> {
  const holder = holderOf((await readLock(lock))?.text ?? "");
  const who =
    holder === undefined
      ? "another program"
      : holder.pid === process.pid && holder.host === hostname()
        ? "this process"
        : `process ${holder.pid} on ${holder.host}`;
  const verb = holder?.creates ? "written" : "changed";
  return new WriteFailedError(
    `${path} is being ${verb} by ${who}: wait until that is finished, or remove ${lock} if nothing writes it any more`,
    { location: path },
  );
}

/** A lock file that exists. */
interface FoundLock {
  readonly text: string;
  /** Milliseconds since it was written. */
  readonly age: number;
}

/** The process that holds a lock, as the text of the lock says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When it was locked, in milliseconds since 1970. */
  readonly since: number;
  /** What `startOf` returned for the process. */
  readonly start: string | undefined;
  /** Whether it moves a new output there, instead of changing what is there. */
  readonly creates: boolean;
}

/** For this many milliseconds, a lock that cannot be read is considered to be still written. */
const WRITING_TIME = 10_000;

/** Creates a lock file together with its text; false where there is one. */
async function createLock(lock: string, text: string): Promise<boolean> {
  const staged = await writeStaged(lock, text);
  try {
    await link(staged, lock);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // Not every file system has hard links.
    return await createInPlace(lock, text);
  } finally {
    await unlink(staged).catch(() => {});
  }
}

/** Creates a lock file, then writes its text: until it has one, others take it for held. */
async function createInPlace(lock: string, text: string): Promise<boolean> {
  try {
    await writeFile(lock, text, { flag: "wx", flush: true });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // On a full disk the file is created before writing its text fails.
    await rm(lock, { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes the text of a lock into a file of another name, and returns its path. */
async function writeStaged(lock: string, text: string): Promise<string> {
  const path = newLockPath(lock);
  try {
    // Flushed, because after a power cut no lock may exist without its text.
    await writeFile(path, text, { flag: "wx", flush: true });
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
  return path;
}

/** Undefined where there is no lock. One that cannot be read was just created by another user. */
async function readLock(lock: string): Promise<FoundLock | undefined> {
  try {
    const { mtimeMs } = await stat(lock);
    return { text: await readFile(lock, "utf8"), age: Date.now() - mtimeMs };
  } catch (error) {
    return errorCode(error) === "ENOENT" ? undefined : { text: "", age: 0 };
  }
}

/** Whether the holder of a lock may still be running. */
function isHeld({ text, age }: FoundLock): boolean {
  const holder = holderOf(text);
  if (holder === undefined) return age < WRITING_TIME;
  if (holder.host !== hostname()) return !holder.creates;
  const { pid, since, start } = holder;
  // An earlier process may have had the same id, as in a container that is restarted.
  if (pid === process.pid && since < Date.now() - process.uptime() * 1000) return false;
  return isRunning(pid, start);
}

function holderOf(text: string): Holder | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (!isJsonObject(found)) return undefined;
    const { pid, host, since, start, creates } = found;
    if (typeof pid !== "number" || typeof host !== "string" || typeof since !== "number") return undefined;
    return {
      pid,
      host,
      since,
      start: typeof start === "string" ? start : undefined,
      creates: creates === true,
    };
  } catch {
    return undefined;
  }
}
