import type { SourceDescriptor, StoreDescriptor } from "@ozx/core";
import type { CentralDirectory } from "../directory/central-directory.js";
import type { ArchiveEnd } from "./archive-end.js";

/** How to open the store over an archive again; its directory comes along where threads can share it. */
export function describeStore(
  { end, directory }: { readonly end: ArchiveEnd; readonly directory?: CentralDirectory },
  source: SourceDescriptor,
  root: string,
): StoreDescriptor {
  const shared = directory !== undefined && !(directory.names.buffer instanceof ArrayBuffer);
  return {
    format: "zip",
    location: source.location,
    version: `${source.version}, ending with ${end.checksum.toString(16).padStart(8, "0")}`,
    root,
    ...(shared && { shared: withoutJson(directory) }),
  };
}

/** Shared memory stays in its process: JSON leaves the property out, and a clone has it without this. */
function withoutJson(directory: CentralDirectory): CentralDirectory {
  return Object.defineProperty({ ...directory }, "toJSON", { value: () => undefined });
}

/** The directory in a descriptor that came from another thread; undefined where there is none, as from JSON. */
export function sharedDirectory(descriptor: StoreDescriptor | undefined): CentralDirectory | undefined {
  return isDirectory(descriptor?.shared) ? descriptor.shared : undefined;
}

function isDirectory(shared: unknown): shared is CentralDirectory {
  return (
    typeof shared === "object" && shared !== null && "slots" in shared && shared.slots instanceof Uint32Array
  );
}
