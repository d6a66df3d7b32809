import { basename } from "node:path";

/** Names of what this process is writing: no two partials have the same, wherever they lie. */
const own = new Set<string>();

/** To be called before it is there. */
export function holdPartial(path: string): void {
  own.add(basename(path));
}

/** From then on others may go on with it, where it is still there. */
export function releasePartial(path: string): void {
  own.delete(basename(path));
}

/** Whether this process is writing it; else one with its number is of an earlier process that had the same. */
export function isOwnPartial(path: string): boolean {
  return own.has(basename(path));
}
