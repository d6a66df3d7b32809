import { readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import type { Writable } from "node:stream";
import { type StoreFormat, UsageError, WriteFailedError } from "@ozx/core";
import type { ByteSink, StoreTarget } from "@ozx/core/container";
import { formatForName, untilAborted } from "@ozx/core/internal";
import { errorCode, isAddress, pathOrAddress, systemMessage } from "@ozx/core/internal/node";
import type { TargetNeeds } from "../plan/plan-transfer.js";
import { directoryTarget } from "./directory-target.js";
import { createFileSink, refuseFolder } from "./file-sink.js";
import { findLeftovers, type Leftover } from "./partial-journal.js";
import { refusePrecious } from "./staged-folder.js";
import { type DestinationOptions, refuseExisting } from "./staging.js";

/** A place to write to, of which nothing is touched before `open`. */
export interface Destination extends TargetNeeds {
  /** For people, as in `folder`. */
  readonly title: string;
  open(): Promise<StoreTarget>;
  /** What processes that were killed have left of the same file. */
  readonly leftovers: readonly Leftover[];
}

/**
 * The destination that an output's name stands for: a container by its suffix, a folder for `.zarr` or none,
 * and standard output for `-`.
 *
 * @throws UsageError when the suffix is none that can be written, or a device or a named pipe is there
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 */
export async function destinationFor(
  place: string | URL,
  { formats, ...options }: DestinationOptions & { readonly formats: readonly StoreFormat[] },
): Promise<Destination> {
  const name = pathOrAddress(place);
  if (name === "") throw new UsageError("the output has no name: give one that ends in .ozx or .zarr");
  if (isAddress(name)) {
    throw new UsageError(
      `${name} cannot be written: write to a file and copy it there with the server's own tool`,
    );
  }
  const toPipe = name === "-";
  // What a link points to is replaced, and the link stays.
  const given = name.replace(/[/\\]+$/, "");
  const path = await realpath(name).catch(() => linkTarget(given));
  const format = toPipe ? formats.find((f) => f.target) : formatForName(path, formats);
  const target = format?.target;
  const suffix = suffixOf(path);
  if (target === undefined && suffix !== "" && suffix !== ".zarr") {
    const files = formats.filter((f) => f.target).flatMap((f) => f.extensions);
    throw new UsageError(
      `${path} cannot be written, for no format ends in ${suffix}: end the name in ${files.join(" or ")} for one file, or in .zarr for a folder`,
    );
  }
  if (!toPipe) await refuseSpecial(path);
  if (!toPipe) await (target === undefined ? refusePrecious(path, name) : refuseFolder(path));
  if (!toPipe && !options.overwrite) {
    await refuseExisting(path);
    // A link to nothing is something too.
    await refuseExisting(given);
  }
  if (options.resume && toPipe) {
    throw new UsageError("a pipe cannot be gone on with: only a file or a folder can");
  }
  const left = toPipe ? [] : await findLeftovers(path);
  if (target === undefined) {
    return {
      title: "folder",
      leftovers: left,
      open: async () => directoryTarget(path, { ...options, formats }),
    };
  }
  return {
    title: format?.title ?? suffix,
    zarrFormat: format?.zarrFormat,
    largestEntry: format?.largestEntry,
    leftovers: left,
    open: async () =>
      target(toPipe ? streamSink(process.stdout, "standard output") : await createFileSink(path, options)),
  };
}

/** Where a link to nothing points to; as it is given where there is no link, or one that leads back to itself. */
async function linkTarget(given: string): Promise<string> {
  let path = given;
  for (let links = 0; links < MOST_LINKS; links++) {
    const next = await readlink(path).catch(() => undefined);
    if (next === undefined) return path;
    path = resolve(dirname(path), next);
  }
  return given;
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

/** What could say which format is meant: the last digit of `image_v0.5` does not. */
function suffixOf(path: string): string {
  const suffix = extname(path).toLowerCase();
  return /^\.[a-z]/.test(suffix) ? suffix : "";
}

/** Throws `UsageError` when a device or a named pipe is at `path`, which would be replaced and not written to. */
async function refuseSpecial(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new UsageError(`${path} is neither a file nor a folder: give - to write to a pipe`);
}

/**
 * Throws `UsageError` when an output would lie inside its own input, where it would become part of what is
 * being read.
 */
export async function refuseInside(input: string, output: string): Promise<void> {
  if (isAddress(input)) return;
  const folder = await realpath(input);
  // The output need not exist; the folder that it goes into must.
  const parent = await realpath(dirname(resolve(output))).catch(() => dirname(resolve(output)));
  if (!join(parent, basename(output)).startsWith(folder + sep)) return;
  throw new UsageError(`${output} lies inside ${input}: choose a place outside of it`);
}

/**
 * A sink that appends to a stream, as to a pipe. Nothing can be taken back there: `discard` leaves what was
 * written, and the reader finds an archive without an end.
 */
export function streamSink(stream: Writable, name: string): ByteSink {
  let position = 0;
  let failure: Error | undefined;
  stream.once("error", (error) => {
    failure = error;
  });
  const check = (): void => {
    if (failure === undefined && !stream.destroyed) return;
    // Only a closed pipe has a reader that stopped; a full disk, as behind "> file", has none.
    const cause = failure ?? stream.errored;
    const code = errorCode(cause);
    const why =
      code === undefined || code === "EPIPE" ? "whoever reads it has stopped" : systemMessage(cause);
    throw new WriteFailedError(`${name} takes no more: ${why}`, { location: name }, { cause });
  };
  return {
    name,
    forwardOnly: true,
    async write(at, bytes, options) {
      options?.signal?.throwIfAborted();
      check();
      if (at !== position) throw new RangeError(`${name} is at ${position} and cannot be written at ${at}`);
      position += bytes.length;
      // The caller fills the same buffer again as soon as this returns.
      if (!stream.write(bytes.slice())) await untilAborted(drained(stream), options?.signal);
      check();
    },
    async commit(options) {
      options?.signal?.throwIfAborted();
      check();
      const written = new Promise<void>((resolve) => {
        stream.write(new Uint8Array(0), () => resolve());
      });
      await untilAborted(written, options?.signal);
      check();
    },
    async discard() {},
  };
}

/** Waits until a stream takes more, or never will. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = (): void => {
      stream.off("drain", done).off("close", done).off("error", done);
      resolve();
    };
    stream.on("drain", done).on("close", done).on("error", done);
  });
}
