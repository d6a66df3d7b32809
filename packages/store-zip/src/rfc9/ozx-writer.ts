import {
  type AbsolutePath,
  type ByteSink,
  type EntryWriter,
  InvalidMetadataError,
  isJsonObject,
  parseJsonObject,
  UnsupportedError,
} from "@ozx/core";
import { gatherBlocks } from "../write/gather-blocks.js";
import { growingArchive } from "../write/growing-archive.js";
import { formatComment } from "./comment.js";
import { rfc9Order } from "./entry-order.js";

/**
 * Writes entry after entry into a conforming `.ozx`. In the file they lie in the order of the calls; the central
 * directory has RFC-9's order, whatever that was, so that its `jsonFirst`, which speaks of the directory alone,
 * is true.
 */
export function ozxWriter(sink: ByteSink): EntryWriter {
  const archive = growingArchive(sink);
  let version: string | undefined;
  return {
    name: sink.name,
    async add({ key, bytes }, options) {
      refuseNested(key, sink.name);
      if (key !== ROOT) return archive.add(key.slice(1), bytes, options);
      const document = bytes instanceof Uint8Array ? bytes : await gatherBlocks(bytes, options);
      version = omeVersionIn(document, sink.name);
      return archive.add(key.slice(1), document, options);
    },
    async commit(options) {
      if (version === undefined) throw noRoot(sink.name);
      await archive.end(namesInOrder, formatComment(version), options);
      options?.signal?.throwIfAborted();
      await sink.commit();
    },
    discard: () => sink.discard(),
  };
}

/** RFC-9 demands that the root `zarr.json` lies at the root of the archive. */
export const ROOT: AbsolutePath = "/zarr.json";

/** RFC-9's order of the central directory, for names. */
export function namesInOrder(names: readonly string[]): string[] {
  const entries = names.map((name) => ({ key: `/${name}` as AbsolutePath }));
  return rfc9Order(entries).map(({ key }) => key.slice(1));
}

/** The version that the comment repeats, from the `zarr.json` of the root. */
export function omeVersionIn(document: Uint8Array, location: string): string {
  const attributes = parseJsonObject(document, { location, path: "zarr.json" })["attributes"];
  const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
  const version = isJsonObject(ome) ? ome["version"] : undefined;
  if (typeof version === "string") return version;
  throw new InvalidMetadataError(
    `zarr.json at the root of ${location} does not say which version of OME-Zarr it is (attributes.ome.version), so it is no OME-Zarr 0.5 or later`,
    { location, path: "zarr.json" },
  );
}

export function noRoot(location: string): InvalidMetadataError {
  return new InvalidMetadataError(`${location} has no zarr.json at its root, which every .ozx must have`, {
    location,
  });
}

/** RFC-9 forbids an archive inside an archive. */
export function refuseNested(key: AbsolutePath, location: string): void {
  if (!key.toLowerCase().endsWith(".ozx")) return;
  throw new UnsupportedError(
    `${location} holds another archive, ${key.slice(1)}, and RFC-9 does not allow an .ozx inside an .ozx: move it out of the image first`,
    { location, path: key, feature: "nested .ozx" },
  );
}
