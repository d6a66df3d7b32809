import { readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { Writable } from "node:stream";
import { type StoreFormat, UsageError, WriteFailedError } from "@ozx/core";
import type { ByteSink } from "@ozx/core/container";
import { isS3Address, untilAborted } from "@ozx/core/internal";
import { errorCode, isAddress, pathOrAddress, systemMessage } from "@ozx/core/internal/node";
import { bucketDestination, refuseAddress } from "./bucket-destination.js";
import { type Destination, needsOf, refuseSlash, writableFormat } from "./destination-contract.js";
import { directoryTarget, stageDirectory } from "./directory-target.js";
import { createFileSink, refuseFolder, stageFile } from "./file-sink.js";
import { findLeftovers, removeStale } from "./leftovers.js";
import { refusePrecious } from "./staged-folder.js";
import { type DestinationOptions, refuseExisting } from "./staging.js";

export type { Destination } from "./destination-contract.js";

/**
 * The destination for the name of an output: a container by its suffix, a folder for `.zarr` or no suffix, and standard
 * output for `-`.
 *
 * @throws UsageError when no format has the suffix, or a device or a named pipe is there
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 */
export async function destinationFor(
  output: string | URL,
  { formats, ...options }: DestinationOptions & { readonly formats: readonly StoreFormat[] },
): Promise<Destination> {
  const name = pathOrAddress(output);
  if (name === "") throw new UsageError("the output has no name: give one that ends in .ozx or .zarr");
  refuseSlash(name, formats);
  if (isS3Address(name)) return bucketDestination(name, { formats, ...options });
  refuseAddress(name);
  const toPipe = name === "-";
  // The target of a link is replaced, and the link stays.
  const link = name.replace(/[/\\]+$/, "");
  const path = await realpath(name).catch(() => linkTarget(link));
  const format = toPipe ? formats.find((f) => f.target) : writableFormat(path, formats);
  const target = format?.target;
  if (!toPipe) await refuseSpecial(path);
  if (!toPipe) await (target === undefined ? refusePrecious(path, name) : refuseFolder(path));
  if (!toPipe && !options.overwrite) {
    await refuseExisting(path);
    // A dangling link exists too.
    await refuseExisting(link);
  }
  if (options.resume && toPipe) {
    throw new UsageError("output to a pipe cannot be resumed: write to a file or a folder");
  }
  const leftovers = toPipe ? [] : await findLeftovers(path);
  if (target === undefined) {
    const folderOptions = { ...options, formats };
    return {
      ...needsOf(undefined, path),
      leftovers,
      removeStale: () => removeStale(path),
      open: async () => directoryTarget(path, folderOptions),
      stage: async () => stageDirectory(path, folderOptions),
    };
  }
  return {
    ...needsOf(format, path),
    leftovers,
    removeStale: async () => {
      if (!toPipe) await removeStale(path);
    },
    open: async () =>
      target(toPipe ? streamSink(process.stdout, "standard output") : await createFileSink(path, options)),
    async stage() {
      if (toPipe) throw new UsageError("output to a pipe cannot be staged: write to a file or a folder");
      const file = await stageFile(path, options);
      return {
        target: target(file.sink),
        // Read late: it changes when a leftover is resumed.
        get path() {
          return file.path;
        },
        publish: file.publish,
        discard: file.discard,
        close: file.close,
      };
    },
  };
}

/** The target of a dangling link; `name` itself where there is no link, or one that leads back to itself. */
async function linkTarget(name: string): Promise<string> {
  let path = name;
  for (let links = 0; links < MAX_LINKS; links++) {
    const next = await readlink(path).catch(() => undefined);
    if (next === undefined) return path;
    path = resolve(dirname(path), next);
  }
  return name;
}

/** The number that Linux follows, see path_resolution(7). */
const MAX_LINKS = 40;

/** @throws UsageError when a device or a named pipe is at `path`, which would be replaced instead of written to */
async function refuseSpecial(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new UsageError(`${path} is neither a file nor a folder: give - to write to a pipe`);
}

/**
 * Refuses an output inside its own input, where it would become part of what is read.
 *
 * @throws UsageError
 */
export async function refuseInside(input: string, output: string): Promise<void> {
  if (isAddress(input) || isAddress(output)) return;
  // A pattern of files is no folder.
  const folder = await realpath(input).catch(() => undefined);
  if (folder === undefined) return;
  // The output need not exist, but its parent folder must.
  const parent = await realpath(dirname(resolve(output))).catch(() => dirname(resolve(output)));
  if (!join(parent, basename(output)).startsWith(folder + sep)) return;
  throw new UsageError(`${output} is inside ${input}: choose a path outside of it`);
}

/**
 * A sink that appends to a stream, such as a pipe. Written bytes cannot be removed: after `discard` the reader has an
 * archive without its end.
 *
 * @param name the stream's name in messages
 */
export function streamSink(stream: Writable, name: string): ByteSink {
  let position = 0;
  let failure: Error | undefined;
  stream.once("error", (error) => {
    failure = error;
  });
  const check = (): void => {
    if (failure === undefined && !stream.destroyed) return;
    // Only a closed pipe means that the reader stopped: with "> file" the disk may be full.
    const cause = failure ?? stream.errored;
    const code = errorCode(cause);
    const why = code === undefined || code === "EPIPE" ? "its reader has stopped" : systemMessage(cause);
    throw new WriteFailedError(`${name} cannot be written: ${why}`, { location: name }, { cause });
  };
  return {
    name,
    forwardOnly: true,
    async write(at, bytes, options) {
      options?.signal?.throwIfAborted();
      check();
      if (at !== position) throw new RangeError(`${name} is at ${position} and cannot be written at ${at}`);
      position += bytes.length;
      // Copied, because the caller reuses the buffer as soon as this returns.
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

/** Waits until a stream can be written again, or is closed. */
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
