import { type ArrayNode, type JsonObject, UsageError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { formatShape } from "@ozx/core/internal";

/** Two arrays of which one continues the other. */
export interface ArrayPair {
  readonly target: ArrayNode;
  readonly added: ArrayNode;
  /** The dimension along which they follow each other. */
  readonly dimension: number;
  /** Whether the added array lacks that dimension: it is one position along it. */
  readonly isLifted: boolean;
  /** What is added is called this in messages, and what it is added to. */
  readonly names: readonly [target: string, added: string];
}

/** The length of the added array along the dimension. */
export function addedLength({ added, dimension, isLifted }: ArrayPair): number {
  return isLifted ? 1 : (added.array.shape[dimension] ?? 0);
}

/** How many chunks, or shards, the target has along the dimension. */
export function chunksBefore({ target, dimension }: ArrayPair): number {
  return (target.array.shape[dimension] ?? 0) / (gridOf(target)[dimension] ?? 1);
}

/** The position of a chunk of the added array in the target. */
export function positionAfter(pair: ArrayPair, position: readonly number[]): number[] {
  const { dimension, isLifted } = pair;
  const moved = isLifted ? [...position.slice(0, dimension), 0, ...position.slice(dimension)] : [...position];
  moved[dimension] = (moved[dimension] ?? 0) + chunksBefore(pair);
  return moved;
}

function gridOf({ array }: ArrayNode): readonly number[] {
  return array.shardShape ?? array.chunkShape;
}

/**
 * Checks that the chunks of one array can follow those of the other as they are.
 *
 * @throws UsageError naming what differs, and the way out
 */
export function refuseDifferent(pair: ArrayPair, axis: string): void {
  const { target, added, dimension, isLifted, names } = pair;
  const [into, from] = names;
  const lift = (shape: readonly number[]): number[] =>
    isLifted ? [...shape.slice(0, dimension), 1, ...shape.slice(dimension)] : [...shape];
  const across = (shape: readonly number[]): string =>
    formatShape(shape.map((size, k) => (k === dimension ? 1 : size)));
  const shapes = [across(target.array.shape), across(lift(added.array.shape))] as const;
  if (shapes[0] !== shapes[1]) {
    throw new UsageError(
      `${from} is ${shapes[1]} and ${into} ${shapes[0]}, apart from ${axis}: only images of one size follow each other`,
    );
  }
  const [dtype, addedDtype] = [target.array.dtype, added.array.dtype];
  if (dtype !== addedDtype) {
    throw new UsageError(
      `${from} has pixels of ${addedDtype} and ${into} of ${dtype}: only images of one data type follow each other`,
    );
  }
  const [grid, addedGrid] = [gridOf(target), lift(gridOf(added))];
  if (formatShape(grid) !== formatShape(addedGrid) || differs(target, added, isLifted)) {
    throw new UsageError(
      `the chunks of ${from} are not stored as those of ${into} (${describe(added, addedGrid)}, there ${describe(target, grid)}): convert it first, with the same --chunks, --shard and --codec`,
    );
  }
  const [size, extent] = [target.array.shape[dimension] ?? 0, grid[dimension] ?? 1];
  if (size % extent === 0) return;
  throw new UsageError(
    `${into} has ${size} along ${axis}, and its chunks or shards hold ${extent} each, so the last one is not full: only whole ones can be followed by others`,
  );
}

function describe({ array }: ArrayNode, grid: readonly number[]): string {
  const codecs = array.codecs.map((codec) => String(codec["name"] ?? codec["id"]));
  return [array.dtype, formatShape(grid), ...codecs].join(" ");
}

/** The members of an array's document that say how chunks are decoded, in Zarr v2 and v3. */
const STORAGE = ["data_type", "codecs", "fill_value", "dtype", "compressor", "filters", "order"];

function differs(target: ArrayNode, added: ArrayNode, isLifted: boolean): boolean {
  if (target.zarrFormat !== added.zarrFormat) return true;
  const isPlain = ({ array, document }: ArrayNode): boolean =>
    array.shardShape === undefined && !JSON.stringify(document["codecs"] ?? []).includes('"transpose"');
  // The codecs of others depend on the number of dimensions.
  if (isLifted && !(isPlain(target) && isPlain(added))) return true;
  return STORAGE.some((name) => canonical(target.document[name]) !== canonical(added.document[name]));
}

/** What a compressor writes into each chunk itself, so that chunks of one array may differ in it. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  "level",
  "clevel",
  "checksum",
  "cname",
  "shuffle",
  "blocksize",
]);

/** A value as text, the same for values that mean the same to a decoder. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isJsonObject(part) ? Object.fromEntries(sortedMembers(part)) : part,
  );
}

function sortedMembers(members: JsonObject): (readonly [string, unknown])[] {
  const known = Object.entries(members).filter(([name]) => !OWN_WORDS.has(name));
  return known.sort(([a], [b]) => (a < b ? -1 : 1));
}
