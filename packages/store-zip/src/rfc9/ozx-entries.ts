import {
  type AbsolutePath,
  checkKeysSafe,
  type EntryWriter,
  InvalidMetadataError,
  isJsonObject,
  parseJsonObject,
  UnsupportedError,
} from "@ozx/core";
import { gatherBlocks } from "../write/gather-blocks.js";
import type { GrowingArchive } from "../write/growing-archive.js";
import { rfc9Order } from "./entry-order.js";

/** RFC-9 demands that the root `zarr.json` lies at the root of the archive. */
export const ROOT: AbsolutePath = "/zarr.json";

/**
 * Adds entries that an `.ozx` may have to an archive.
 *
 * @param onVersion is told the version in the `zarr.json` of the root, before that is added
 */
export function addOzxEntries(
  archive: GrowingArchive,
  location: string,
  onVersion: (version: string) => void,
): EntryWriter["add"] {
  return async ({ key, bytes }, options) => {
    checkOzxKey(key, location);
    if (key !== ROOT) return archive.add(key.slice(1), bytes, options);
    const document = bytes instanceof Uint8Array ? bytes : await gatherBlocks(bytes, options);
    onVersion(omeVersionIn(document, location));
    return archive.add(key.slice(1), document, options);
  };
}

/**
 * Throws for a key that no entry of an `.ozx` may have: RFC-9 forbids an archive inside an archive, and readers
 * refuse what would leave the folder it is unpacked to.
 */
export function checkOzxKey(key: AbsolutePath, location: string): void {
  checkKeysSafe([key], location);
  if (!key.toLowerCase().endsWith(".ozx")) return;
  throw new UnsupportedError(
    `${location} holds another archive, ${key.slice(1)}, and RFC-9 does not allow an .ozx inside an .ozx: move it out of the image first`,
    { location, path: key, feature: "nested .ozx" },
  );
}

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
