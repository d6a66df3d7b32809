import type { PackedError } from "../errors.js";
import type { ChunkTask } from "./chunk-task.js";

/** A chunk for a thread to work on. */
export interface ChunkOrder {
  readonly id: number;
  readonly taskId: number;
  /** Comes with the first chunk that it is for. */
  readonly task: ChunkTask | undefined;
  readonly bytes: Uint8Array;
}

/** What came of it: new bytes, what is wrong with the old ones, or an error. */
export type ChunkReport =
  | { readonly id: number; readonly result: Uint8Array | string; readonly error?: undefined }
  | { readonly id: number; readonly result?: undefined; readonly error: PackedError };
