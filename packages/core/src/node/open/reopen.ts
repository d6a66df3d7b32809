import { redactAddress } from "../../bytes/http/http-address.js";
import { openHttpSource } from "../../bytes/http/http-source.js";
import type { ByteSource } from "../../bytes/source-and-sink.js";
import { SourceChangedError, UnknownFormatError, UsageError } from "../../errors.js";
import type { Store, StoreDescriptor } from "../../store/store.js";
import { type OpenOptions, openStore } from "../../store/store-format.js";
import { reopenViews } from "../../transfer/select/part-view.js";
import { openDirectoryStore } from "../read/directory-store.js";
import { openFileSource } from "../read/file-source.js";
import { isAddress } from "../system/place.js";
import { resolveAddress } from "./s3.js";

/**
 * Opens a store that was opened elsewhere, in another thread or process, by its descriptor. It has a handle of its
 * own, so that neither disturbs the other; an index in shared memory is used as it is, and otherwise read again.
 * Headers and credentials are no part of a descriptor: give them again as `http`.
 *
 * @example
 * new Worker(script, { workerData: store.descriptor?.() });
 * const store = await reopenStore(workerData, { formats: [ozxFormat] }); // in the worker
 *
 * @throws SourceChangedError when the file is not what it was when the descriptor was made
 * @throws UnknownFormatError when none of the formats is the descriptor's
 * @throws NotFoundError, UnreadableError, NetworkError, and what the format throws
 */
export async function reopenStore(descriptor: StoreDescriptor, options: OpenOptions): Promise<Store> {
  if (typeof descriptor?.location !== "string") {
    throw new UsageError(
      "a store is opened again by its descriptor, as descriptor() of a store gives it: a Blob, bytes in memory and a folder on a server have none",
    );
  }
  const { format: id, location, version, views } = descriptor;
  if (id === "directory") return reopenViews(openDirectoryStore(location), views);
  const format = options.formats.find((each) => each.id === id);
  if (format === undefined) {
    throw new UnknownFormatError(
      `${redactAddress(location)} was opened as "${id}", which is none of the formats given: give the ones it was opened with`,
      { location: redactAddress(location) },
    );
  }
  const source = isAddress(location) ? await openRemote(location, options) : await openFileSource(location);
  const store = await openStore(source, { ...options, formats: [format], descriptor });
  if (store.descriptor?.().version === version) return reopenViews(store, views);
  await store.close();
  throw new SourceChangedError(
    `${redactAddress(location)} was changed or replaced since it was opened: open it again from the start`,
    { location: redactAddress(location) },
  );
}

async function openRemote(location: string, { http, signal }: OpenOptions): Promise<ByteSource> {
  const { address, name, http: request } = await resolveAddress(location, http);
  return openHttpSource(address, { ...request, name, signal });
}
