import { randomBytes } from "node:crypto";
import { link, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { WriteFailedError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { errorCode, writeFailure } from "@ozx/core/internal/node";
import { isRunning, partialPath, startOf } from "./partial-files.js";

/** How often, and after how many milliseconds, it is looked again where another process just takes over a lock. */
const TAKING = { looks: 20, pause: 50 };

/**
 * Keeps other runs of ozx from changing the file or folder at `path` where it lies, by a file beside it, until what is
 * returned is called. The lock of a process that is gone is taken over; on another computer that cannot be told. Where
 * nothing is, nothing is locked.
 *
 * @throws WriteFailedError when it is being changed already, or nothing can be written beside it
 */
export async function lockPath(path: string): Promise<() => Promise<void>> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return async () => {};
  const lock = join(dirname(real), `.${basename(real)}.lock`);
  const own = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    since: Date.now(),
    start: startOf(process.pid),
    // No other lock has the same text.
    id: randomBytes(8).toString("hex"),
  });
  try {
    if (!(await acquire(lock, own))) throw await lockedBy(path, lock);
  } catch (error) {
    throw writeFailure(error, path);
  }
  return () => release(lock, own);
}

async function acquire(lock: string, own: string): Promise<boolean> {
  for (let look = 0; look < TAKING.looks; look++) {
    if (await createLock(lock, own)) return true;
    const taken = await takeOver(lock, own);
    if (taken !== undefined) return taken;
    await setTimeout(TAKING.pause);
  }
  return false;
}

/**
 * Puts a lock in the place of one whose holder is gone, which is there until then, so that nobody else can make one.
 * One at a time does so, which holds a second lock meanwhile: another one's new lock is never taken for the old one.
 * False where it is held, undefined where another one is at it, or it has gone.
 */
async function takeOver(lock: string, own: string): Promise<boolean | undefined> {
  const found = await readLock(lock);
  if (found === undefined) return undefined;
  if (isHeld(found)) return false;
  const taking = `${lock}.taking`;
  if (!(await createLock(taking, own))) {
    // Of one that was killed in the few moments that this takes.
    const other = await readLock(taking);
    if (other !== undefined && !isHeld(other)) await rm(taking, { force: true });
    return undefined;
  }
  try {
    const now = await readLock(lock);
    if (now === undefined) return undefined;
    if (isHeld(now)) return false;
    const whole = await writeBeside(lock, own);
    // Somebody may have found the one before this, of one that was killed, and have removed this.
    if ((await readLock(taking))?.text !== own) {
      await rm(whole, { force: true });
      return undefined;
    }
    await rename(whole, lock);
    return true;
  } finally {
    await release(taking, own);
  }
}

async function release(lock: string, own: string): Promise<void> {
  if ((await readLock(lock))?.text === own) await rm(lock, { force: true }).catch(() => {});
}

async function lockedBy(path: string, lock: string): Promise<WriteFailedError> {
  const holder = holderOf((await readLock(lock))?.text ?? "");
  const who =
    holder === undefined
      ? "something else"
      : holder.pid === process.pid && holder.host === hostname()
        ? "this process"
        : `process ${holder.pid} on ${holder.host}`;
  return new WriteFailedError(
    `${path} is being changed by ${who}: wait until that is done, or remove ${lock} if nothing changes it any more`,
    { location: path },
  );
}

/** A lock as it is found. */
export interface FoundLock {
  readonly text: string;
  /** In milliseconds. */
  readonly age: number;
}

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: number;
  /** What `startOf` says of the process. */
  readonly start: string | undefined;
}

/** For so many milliseconds a text that nobody can read may be one that is just being written. */
const HALF_WRITTEN = 10_000;

/** Makes a lock, with all of its text at once; false where there is one. */
export async function createLock(lock: string, text: string): Promise<boolean> {
  const whole = await writeBeside(lock, text);
  try {
    await link(whole, lock);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // Not every disk has links.
    return await createInPlace(lock, text);
  } finally {
    await rm(whole, { force: true });
  }
}

async function createInPlace(lock: string, text: string): Promise<boolean> {
  try {
    await writeFile(lock, text, { flag: "wx", flush: true });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // On a full disk the file is made before its text fails.
    await rm(lock, { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes the text of a lock into a file of another name, which is returned. */
export async function writeBeside(lock: string, text: string): Promise<string> {
  const path = partialPath(lock);
  try {
    // After a power cut a lock must not be there without its text.
    await writeFile(path, text, { flag: "wx", flush: true });
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
  return path;
}

/** Undefined where there is none. One that may not be read is one that somebody else has just made. */
export async function readLock(lock: string): Promise<FoundLock | undefined> {
  try {
    const { mtimeMs } = await stat(lock);
    return { text: await readFile(lock, "utf8"), age: Date.now() - mtimeMs };
  } catch (error) {
    return errorCode(error) === "ENOENT" ? undefined : { text: "", age: 0 };
  }
}

export function isHeld({ text, age }: FoundLock): boolean {
  const holder = holderOf(text);
  if (holder === undefined) return age < HALF_WRITTEN;
  if (holder.host !== hostname()) return true;
  const { pid, since, start } = holder;
  // An earlier process may have had the same number, as in containers that are started again.
  if (pid === process.pid && since < Date.now() - process.uptime() * 1000) return false;
  return isRunning(pid, start);
}

export function holderOf(text: string): Holder | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (!isJsonObject(found)) return undefined;
    const { pid, host, since, start } = found;
    if (typeof pid !== "number" || typeof host !== "string" || typeof since !== "number") return undefined;
    return { pid, host, since, start: typeof start === "string" ? start : undefined };
  } catch {
    return undefined;
  }
}
