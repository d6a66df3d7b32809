import { WriteFailedError } from "../../errors.js";
import type { ByteSink } from "../byte-sink.js";

/**
 * A sink that becomes the file of a handle (File System API): chosen with `showSaveFilePicker`, or in the page's
 * own storage. The browser writes to a file beside it, which replaces the one of the handle on `commit`.
 *
 * @throws WriteFailedError when the browser does not let the page write
 */
export async function fileHandleSink(handle: FileSystemFileHandle): Promise<ByteSink> {
  const { name } = handle;
  const file = await handle.createWritable().catch((error: unknown) => {
    throw browserWriteFailure(error, name);
  });
  return {
    name,
    forwardOnly: false,
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      try {
        await file.write({ type: "write", position, data: bytes as Uint8Array<ArrayBuffer> });
      } catch (error) {
        throw browserWriteFailure(error, name);
      }
    },
    async commit() {
      await file.close().catch((error: unknown) => {
        throw browserWriteFailure(error, name);
      });
    },
    async discard() {
      await file.abort().catch(() => {});
    },
  };
}

/** What a browser says when it cannot write, in a sentence with the way out. */
export function browserWriteFailure(cause: unknown, location: string): WriteFailedError {
  const name = cause instanceof Error ? cause.name : "";
  const why =
    REASONS.get(name) ?? `the browser cannot write there (${reasonOf(cause)}): choose another place`;
  return new WriteFailedError(`${location} cannot be written: ${why}`, { location }, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["QuotaExceededError", "there is no room left: free some, or choose another place"],
  ["NotAllowedError", "the browser does not let the page write there: allow it when it asks"],
  ["NoModificationAllowedError", "another program or page is writing to it: close that one, and try again"],
  ["NotFoundError", "it is not there any more: choose a place again"],
]);
