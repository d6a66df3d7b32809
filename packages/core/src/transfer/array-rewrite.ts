import type { AbsolutePath } from "../store/store.js";
import type { EntryInput } from "../store/target.js";
import type { CodingTask } from "../zarr/codec/coding-task.js";
import type { PlacedChunk } from "../zarr/shard/assemble-shards.js";
import type { ShardLayout } from "../zarr/shard/shard-layout.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";

/** An array whose stored objects are made anew, and how. */
export interface ArrayRewrite {
  readonly path: AbsolutePath;
  /** As the stored objects are now. */
  readonly array: ArrayDescription;
  /** How they are made, where they are shards. */
  readonly shards: ShardLayout | undefined;
  /** The stored objects, in C order of their positions. */
  readonly stored: readonly PlacedChunk<EntryInput>[];
  /** What is done to each chunk; undefined where its bytes stay as they are. */
  readonly task: CodingTask | undefined;
  /** Whether nobody asked for it: the Zarr that is written has no word for how the chunks are kept. */
  readonly forced: boolean;
  /** The shape of the shards that are made; undefined where each chunk becomes an entry. */
  readonly shardShape: readonly number[] | undefined;
}
