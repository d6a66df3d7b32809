import type { ByteSource, ReadOptions } from "@ozx/core";
import type { ChunkPlace } from "./chunk-place.js";

/** A part of a file that is a part of a chunk as it is. */
export interface FileRun {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
  /** Where it belongs in the chunk. */
  readonly at: number;
}

/** A chunk whose bytes are in the file; what no run covers is 0. */
export interface StoredChunk {
  readonly size: number;
  readonly runs: readonly FileRun[];
}

/** A chunk's place in the file; `decoded` where it must be decoded; undefined where it was never written. */
export type LocatedChunk = StoredChunk | "decoded" | undefined;

/** Reads chunks of an array. */
export interface ChunkReader {
  /** Where a chunk is. */
  locate(place: ChunkPlace, options?: ReadOptions): Promise<LocatedChunk>;
  /** As `locate`, without reading anything: `unknown` where that does not suffice. */
  known(place: ChunkPlace): LocatedChunk | "unknown";
  /** The bytes of a chunk that must be decoded; undefined where it was never written. */
  decode(place: ChunkPlace, options?: ReadOptions): Promise<Uint8Array | undefined>;
}
