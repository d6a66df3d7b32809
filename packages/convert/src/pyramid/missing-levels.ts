import {
  type AbsolutePath,
  type ArrayDescription,
  type ArrayNode,
  type Axis,
  type Finding,
  type Image,
  type JsonObject,
  type LabelImage,
  type Level,
  type Multiscale,
  UsageError,
} from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  autoShardShape,
  type Codec,
  composeTransforms,
  type DownsampleMethod,
  hasOutput,
  intrinsicSystemOf,
  itemSizeOf,
  nameBelow,
  type Placement,
  placementSteps,
  requestedShardShape,
  resolvePath,
  type ShardRequest,
  splitChain,
  TRANSFORM_LENGTH,
  transformsInto,
  UNREADABLE_PART,
  UNSUPPORTED_TRANSFORM,
} from "@ozx/core/internal";
import {
  type CodecRequest,
  codecsInShard,
  codecsToEncode,
  requestedCodecs,
} from "../chunks/codec-request.js";
import type { NewArray } from "../chunks/encode-entries.js";
import {
  downsamplingMembers,
  type PyramidLevel,
  placementBelow,
  planeOf,
  pyramidLevels,
} from "./pyramid-shapes.js";

/** Levels that a multiscale lacks. */
export interface MissingLevels {
  readonly image: Image | LabelImage;
  /** The index of the multiscale in the image. */
  readonly index: number;
  readonly multiscale: Multiscale;
  /** The smallest present level, which the missing ones are downsampled from. */
  readonly smallest: Level & { readonly array: ArrayNode };
  readonly levels: readonly (PyramidLevel & { readonly name: string; readonly path: AbsolutePath })[];
  /** Whether an earlier multiscale of the image lacks the same levels, which are then generated for that one. */
  readonly isShared: boolean;
}

/**
 * The levels that the multiscales of an image lack below their smallest one. Multiscales with the same smallest level
 * share them; otherwise every level gets its own path.
 *
 * @param isTaken whether there is a node at a path
 */
export function missingLevels(
  image: Image | LabelImage,
  isTaken: (path: AbsolutePath) => boolean,
): MissingLevels[] {
  const found: MissingLevels[] = [];
  const assigned = new Set<AbsolutePath>();
  const pathOf = (name: string): AbsolutePath => resolvePath(image.path, name) ?? "/";
  for (const [index, multiscale] of image.multiscales.entries()) {
    const smallest = multiscale.levels.at(-1);
    if (smallest?.array === undefined || !isPlaced(smallest)) continue;
    const { shape } = smallest.array.array;
    if (shape.length !== multiscale.axes.length) continue;
    const levels = pyramidLevels({ ...smallest, shape }, multiscale.axes);
    if (levels.length === 0) continue;
    const twin = found.find((one) => hasSameLevels(one, { multiscale, smallest, levels }));
    const nextName = namesAfter(
      nameBelow(image.path, smallest.path),
      (name) => isTaken(pathOf(name)) || assigned.has(pathOf(name)),
    );
    const named = levels.map((level, k) => {
      const name = twin?.levels[k]?.name ?? nextName();
      return { ...level, name, path: pathOf(name) };
    });
    for (const { path } of named) assigned.add(path);
    const isShared = twin !== undefined;
    found.push({
      image,
      index,
      multiscale,
      smallest: { ...smallest, array: smallest.array },
      levels: named,
      isShared,
    });
  }
  return found;
}

/** Whether two multiscales lack the same levels: downsampled from the same array, by the same factors. */
function hasSameLevels(
  one: MissingLevels,
  other: {
    readonly multiscale: Multiscale;
    readonly smallest: Level;
    readonly levels: readonly PyramidLevel[];
  },
): boolean {
  const describe = ({ multiscale, levels }: typeof other): string =>
    JSON.stringify([multiscale.axes.map(({ name }) => name), levels.map(({ factors }) => factors)]);
  return one.smallest.path === other.smallest.path && describe(one) === describe(other);
}

/** Whether the position of a level's pixels is known. If not, the position of a level below it cannot be computed. */
function isPlaced({ problems }: Level): boolean {
  return !problems.some(({ rule }) => TRANSFORM_RULES.has(rule));
}

const TRANSFORM_RULES: ReadonlySet<string> = new Set(
  [UNREADABLE_PART, TRANSFORM_LENGTH, UNSUPPORTED_TRANSFORM].map(({ id }) => id),
);

/**
 * Reports multiscales to which no levels can be added: their smallest level has no array, has another number of
 * dimensions, or is placed by other transformations than a scale and a translation; or none of their axes are y and x.
 */
export function* unextendableMultiscales({ path, multiscales }: Image | LabelImage): Generator<Finding> {
  for (const { levels, axes } of multiscales) {
    const smallest = levels.at(-1);
    if (smallest === undefined) continue;
    const why = whyUnextendable(smallest, axes);
    if (why === undefined) continue;
    yield {
      rule: "no-levels-added",
      level: "policy",
      severity: "warning",
      where: path,
      message: `No levels are added to the image ${path}: ${why}.`,
      help: "Correct the metadata of the image, or leave out its smallest levels with --levels.",
    };
  }
}

function whyUnextendable(smallest: Level, axes: readonly Axis[]): string | undefined {
  const { path, array } = smallest;
  if (array === undefined) return `its smallest level has no array at ${path}`;
  if (array.array.shape.length !== axes.length) {
    return `its smallest level ${path} has another number of dimensions than the image has axes`;
  }
  if (!isPlaced(smallest)) {
    return `its smallest level ${path} has transformations from which the position of its pixels cannot be computed`;
  }
  if (planeOf(axes) !== undefined) return undefined;
  const names = axes.map(({ name }) => name).join(", ");
  return `its metadata does not say which of its axes ${names} are y and x: they have neither the type space nor these names`;
}

/** Continues the numbering of a name by its last number: `0` with `1`, `s2` with `s3`, `scale0/image` with `scale1/image`. */
function namesAfter(last: string, isTaken: (name: string) => boolean): () => string {
  const [, before = `${last}_`, digits = "0", after = ""] = /^(.*?)(\d{1,9})(\D*)$/.exec(last) ?? [];
  let number = Number(digits);
  return () => {
    let name: string;
    do name = `${before}${++number}${after}`;
    while (isTaken(name));
    return name;
  };
}

/**
 * The attributes of an image with datasets for the added levels ("multiscales metadata" of 0.5 and 0.6).
 *
 * `type` and `metadata` of the multiscale describe how its levels were downsampled. They are set if it had only one
 * level, and stay as they are otherwise.
 */
export function withLevels(
  attributes: JsonObject,
  { index, levels, smallest }: MissingLevels,
  method: DownsampleMethod,
): JsonObject {
  const ome = attributes["ome"];
  const multiscales = isJsonObject(ome) ? ome["multiscales"] : undefined;
  if (!isJsonObject(ome) || !Array.isArray(multiscales)) return attributes;
  const extended = multiscales.map((multiscale: unknown, k) => {
    if (k !== index || !isJsonObject(multiscale) || !Array.isArray(multiscale["datasets"])) return multiscale;
    const datasets: readonly unknown[] = multiscale["datasets"];
    const last = datasets.at(-1);
    const transforms = transformsInto(
      isJsonObject(last) ? last["coordinateTransformations"] : undefined,
      intrinsicSystemOf(multiscale),
    );
    // A level that cannot be placed never gets here; see `unextendableMultiscales`.
    let placement = composeTransforms([{ transforms, what: smallest.path }], smallest.scale.length, () => {});
    const added = levels.map(({ name, factors }) => {
      placement = placementBelow(placement, factors);
      return { path: name, coordinateTransformations: placementLike(transforms, placement, name) };
    });
    return {
      ...multiscale,
      datasets: [...datasets, ...added],
      ...(datasets.length === 1 && downsamplingMembers(method, "ozx convert --pyramid")),
    };
  });
  return { ...attributes, ome: { ...ome, multiscales: extended } };
}

/**
 * The transformations of a new level in the form of those above it: with input and output as in 0.6, or without as in
 * 0.4 and 0.5.
 */
function placementLike(above: unknown, placement: Placement, path: string): JsonObject[] {
  const steps = placementSteps(placement);
  const transform = Array.isArray(above) ? above.find(hasOutput) : undefined;
  if (transform === undefined) return steps;
  return [{ type: "sequence", input: { path }, output: transform["output"], transformations: steps }];
}

/**
 * The array of a new level: like that of the level above, unless shards or a codec are requested.
 *
 * @throws UsageError if the requested shards are not whole chunks
 */
export function arrayBelow(
  above: ArrayDescription,
  level: {
    readonly path: AbsolutePath;
    readonly shape: readonly number[];
    readonly names: readonly string[];
    /** The estimated size of an encoded chunk, in bytes. */
    readonly chunkBytes: number;
  },
  { shard, codec }: { readonly shard?: ShardRequest | undefined; readonly codec?: CodecRequest | undefined },
): NewArray {
  const { path, shape, names } = level;
  const chunkShape = above.chunkShape.map((extent, axis) => Math.min(extent, Math.max(1, shape[axis] ?? 1)));
  const array = { shape, chunkShape };
  let shardShape: readonly number[] | undefined;
  if (shard === "auto") shardShape = autoShardShape(array, level.chunkBytes);
  else if (shard !== "none" && (shard !== undefined || above.shardShape !== undefined)) {
    const request =
      shard ?? Object.fromEntries(names.map((name, axis) => [name, above.shardShape?.[axis] ?? 1]));
    const found = requestedShardShape(array, names, request);
    if ("axis" in found) {
      throw new UsageError(
        `shards of ${found.axis}=${request[found.axis]} do not fit the new level ${path.slice(1)}, whose chunks have ${found.chunk} along ${found.axis}: ask for a multiple of ${found.chunk}`,
      );
    }
    shardShape = found;
  }
  const isOneChunk = shardShape?.every((extent, axis) => extent === chunkShape[axis]) ?? true;
  const itemSize = itemSizeOf(above.dtype) ?? 1;
  const codecs = codec === undefined ? inheritedCodecs(above, itemSize) : requestedCodecs(codec, itemSize);
  return {
    path,
    shape,
    chunkShape,
    shardShape: isOneChunk ? undefined : shardShape,
    dtype: above.dtype,
    codecs: isOneChunk ? codecs : codecsInShard(codecs),
    dimensionNames: names,
    // What nobody stored above stays so: it is the fill value below, too.
    fillValue: above.fillValue,
  };
}

/** The codecs of the level above if ozx can encode them, otherwise zstd. */
function inheritedCodecs({ codecs }: ArrayDescription, itemSize: number): readonly Codec[] {
  const { ofBytes } = splitChain(codecs) ?? {};
  return (ofBytes && codecsToEncode(ofBytes)) ?? requestedCodecs({ name: "zstd" }, itemSize);
}
