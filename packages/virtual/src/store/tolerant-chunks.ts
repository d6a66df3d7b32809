import { type AbsolutePath, type Finding, isOzxError } from "@ozx/core";
import { notice } from "../hierarchy/findings.js";
import type { VirtualArray } from "../hierarchy/virtual-array.js";
import type { ChunkPlace } from "./chunk-place.js";
import type { ChunkReader } from "./chunk-reader.js";

/** Counts what cannot be read of a file, and says so in its findings. */
export interface Damage {
  /** The reader of an array, to which chunks that cannot be read are missing, or 0 where they were listed. */
  tolerate(reader: ChunkReader, plan: VirtualArray, path: AbsolutePath): ChunkReader;
}

/** What the pixels of a truncated file, and those in missing files of a set, are reported as. */
const TOLERATED = ["CorruptData", "NotFound", "InvalidArchive"] as const;

/**
 * @param name of the file or set, in messages
 * @param findings to which one finding is added, which grows with what is read
 */
export function createDamage(name: string, findings: Finding[]): Damage {
  const chunks = new Set<string>();
  let first = "";
  let at = -1;
  const record = (chunk: string, error: unknown): void => {
    if (!TOLERATED.some((tag) => isOzxError(error, tag))) throw error;
    if (chunks.size === 0) first = (error as Error).message;
    chunks.add(chunk);
    if (at < 0) at = findings.length;
    findings[at] = notice(
      "missing-chunks",
      `${chunks.size === 1 ? "1 chunk" : `${chunks.size} chunks`} of ${name} cannot be read and ${chunks.size === 1 ? "is" : "are"} filled with 0: ${first}.`,
      "Copy the file, or all files of the set, again where they are complete.",
    );
  };
  return {
    tolerate(reader, plan, path) {
      const chunkOf = ({ plane, sample, row, column }: ChunkPlace): string =>
        [path, plane, sample, row, column].join();
      return {
        async locate(place, options) {
          try {
            return await reader.locate(place, options);
          } catch (error) {
            record(chunkOf(place), error);
            return undefined;
          }
        },
        known(place) {
          try {
            return reader.known(place);
          } catch {
            // `locate` records it.
            return "unknown";
          }
        },
        async decode(place, options) {
          try {
            return await reader.decode(place, options);
          } catch (error) {
            record(chunkOf(place), error);
            const zeros = new Uint8Array(plan.chunkBytes);
            return plan.encoder?.encode(zeros) ?? zeros;
          }
        },
      };
    },
  };
}
