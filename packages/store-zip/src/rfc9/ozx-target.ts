import {
  type ByteSink,
  type EntryInput,
  InvalidMetadataError,
  isJsonObject,
  parseJsonObject,
  readEntry,
  type StoreTarget,
  UnsupportedError,
  type WriteJob,
  type WriteOptions,
} from "@ozx/core";
import { writeArchive } from "../write/write-archive.js";
import { formatComment } from "./comment.js";
import { rfc9Order } from "./entry-order.js";

/** A target that writes a conforming `.ozx` into a sink. */
export function ozxTarget(sink: ByteSink): StoreTarget {
  return {
    name: sink.name,
    async write(job, options) {
      let entries: EntryInput[];
      let comment: Uint8Array;
      try {
        refuseNested(job);
        comment = formatComment(await omeVersion(job, options));
        entries = rfc9Order(job.entries);
      } catch (error) {
        await sink.discard();
        throw error;
      }
      await writeArchive(job.source, entries, comment, sink, options);
    },
  };
}

/** The version that the comment repeats. RFC-9 demands that the root `zarr.json` lies at the root of the archive. */
async function omeVersion(job: WriteJob, options?: WriteOptions): Promise<string> {
  const location = job.source.name;
  const root = job.entries.find(({ key }) => key === "/zarr.json");
  if (root === undefined) {
    throw new InvalidMetadataError(`${location} has no zarr.json at its root, which every .ozx must have`, {
      location,
    });
  }
  const document = parseJsonObject(await readEntry(job.source, root, options), {
    location,
    path: "zarr.json",
  });
  const attributes = document["attributes"];
  const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
  const version = isJsonObject(ome) ? ome["version"] : undefined;
  if (typeof version === "string") return version;
  throw new InvalidMetadataError(
    `zarr.json at the root of ${location} does not say which version of OME-Zarr it is (attributes.ome.version), so it is no OME-Zarr 0.5 or later`,
    { location, path: "zarr.json" },
  );
}

/** RFC-9 forbids an archive inside an archive. */
function refuseNested(job: WriteJob): void {
  const nested = job.entries.find(({ key }) => key.toLowerCase().endsWith(".ozx"));
  if (nested === undefined) return;
  throw new UnsupportedError(
    `${job.source.name} holds another archive, ${nested.key.slice(1)}, and RFC-9 does not allow an .ozx inside an .ozx: move it out of the image first`,
    { location: job.source.name, path: nested.key, feature: "nested .ozx" },
  );
}
