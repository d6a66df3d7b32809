import { randomBytes } from "node:crypto";
import { realpath, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { WriteFailedError } from "../../errors.js";
import { writeFailure } from "./failures.js";
import { createLock, holderOf, isHeld, readLock, writeBeside } from "./lock-file.js";
import { startOf } from "./running.js";

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
