import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { isJsonObject } from "../../zarr/json.js";
import { errorCode } from "./failures.js";
import { partialPath } from "./partial-name.js";
import { isRunning } from "./running.js";

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
