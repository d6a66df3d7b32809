import { randomBytes } from "node:crypto";
import { readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { WriteFailedError } from "../errors.js";
import { isJsonObject } from "../zarr/json.js";
import { errorCode, writeFailure } from "./failures.js";
import { partialPath } from "./partial-name.js";
import { isRunning } from "./running.js";

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
    // No other lock has the same text.
    id: randomBytes(8).toString("hex"),
  });
  try {
    if (!(await create(lock, own))) {
      await removeLeft(lock);
      if (!(await create(lock, own))) throw await lockedBy(path, lock);
    }
  } catch (error) {
    throw writeFailure(error, path);
  }
  return async () => {
    if ((await textOf(lock)) === own) await rm(lock, { force: true }).catch(() => {});
  };
}

/** Makes the lock, unless there is one. */
async function create(lock: string, text: string): Promise<boolean> {
  try {
    await writeFile(lock, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // On a full disk the file is made before its text fails.
    await rm(lock, { force: true }).catch(() => {});
    throw error;
  }
}

/** Removes a lock whose holder is gone. */
async function removeLeft(lock: string): Promise<void> {
  const found = await textOf(lock);
  if (found === undefined || isHeld(found)) return;
  // Of several that find it one renames it, and sees then whether it was another one's new lock already.
  const aside = partialPath(lock);
  await rename(lock, aside).catch(() => {});
  const moved = await textOf(aside);
  if (moved !== undefined && moved !== found) await create(lock, moved);
  await rm(aside, { force: true });
}

/** A text that nobody can read is one that is just being written. */
function isHeld(text: string): boolean {
  const holder = holderOf(text);
  if (holder === undefined || holder.host !== hostname()) return true;
  const { pid, since } = holder;
  // An earlier process may have had the same number, as in containers that are started again.
  return pid === process.pid ? since >= Date.now() - process.uptime() * 1000 : isRunning(pid);
}

function holderOf(text: string): { pid: number; host: string; since: number } | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (!isJsonObject(found)) return undefined;
    const { pid, host, since } = found;
    if (typeof pid !== "number" || typeof host !== "string" || typeof since !== "number") return undefined;
    return { pid, host, since };
  } catch {
    return undefined;
  }
}

async function lockedBy(path: string, lock: string): Promise<WriteFailedError> {
  const holder = holderOf((await textOf(lock)) ?? "");
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

function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
