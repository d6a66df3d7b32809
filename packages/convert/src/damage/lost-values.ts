import { type AbsolutePath, type Hierarchy, isOzxError, type ReadOptions } from "@ozx/core";

/** A value that cannot be read. */
export interface LostValue {
  readonly key: AbsolutePath;
  /** Why, as a clause about the value. */
  readonly reason: string;
}

/** A chunk within a shard that cannot be decoded. */
export interface LostInShard extends LostValue {
  /** Its number in the shard, in C order. */
  readonly chunk: number;
  /** The bytes of the shard. */
  readonly size: number;
}

/** What of a hierarchy's chunks cannot be read. */
export interface Damage {
  /** Chunks, and whole shards. */
  readonly values: readonly LostValue[];
  /** Chunks within shards that can be read otherwise. */
  readonly inShards: readonly LostInShard[];
}

/** The text of an error that is about damage; undefined for a disk that fails, or a file that changes. */
export function damageIn(error: unknown): string | undefined {
  const isDamage =
    isOzxError(error, "CorruptData") ||
    isOzxError(error, "InvalidArchive") ||
    isOzxError(error, "Unsupported");
  return isDamage ? error.message : undefined;
}

/** Options of what looks at a store whose hierarchy may be known. */
export interface HierarchyOptions extends ReadOptions {
  /** The nodes of the store; read where they are not given. */
  readonly hierarchy?: Hierarchy | undefined;
}
