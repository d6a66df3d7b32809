import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Who writes what has such a name. */
export interface NamedWriter {
  readonly pid: number;
  /** Whether it runs on this computer; undefined in names of earlier versions, which do not say it. */
  readonly isHere: boolean | undefined;
  /** Whether it was to be added to what is there, and not to take its place. */
  readonly isAddition: boolean;
}

/**
 * A name beside `path`, in the same folder and so on the same disk, that says what it is if a killed process
 * leaves it behind.
 */
export function partialPath(path: string): string {
  return pathBeside(path, "partial");
}

/** Such a name for what is to be added to what is at `path`: alone it is of no use to anybody. */
export function additionPath(path: string): string {
  return pathBeside(path, "addition");
}

/** Such a name for what was at `path` and is about to be replaced: unlike a partial, it may be all that there is. */
export function replacedPath(path: string): string {
  return pathBeside(path, "replaced");
}

function pathBeside(path: string, what: string): string {
  const rest = `${process.pid}-${hostMark()}-${randomBytes(4).toString("hex")}`;
  return join(dirname(path), `.${basename(path)}.${what}-${rest}`);
}

/** Says who writes, or wrote, what is to become `path`, or to be added to it; undefined for any other name. */
export function writerInName(name: string, path: string): NamedWriter | undefined {
  const start = `.${basename(path)}.`;
  if (!name.startsWith(start)) return undefined;
  const [, what, pid, mark] = NAME.exec(name.slice(start.length)) ?? [];
  if (pid === undefined) return undefined;
  const isHere = mark === undefined ? undefined : mark === hostMark();
  return { pid: Number(pid), isHere, isAddition: what === "addition" };
}

const NAME = /^(partial|addition)-(\d+)(?:-([0-9a-f]{8}))?-[0-9a-f]{8}$/;

/** Tells computers apart that share a disk; short, for names must not become too long. */
function hostMark(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
