import {
  type AbsolutePath,
  type ArrayDescription,
  type ArrayNode,
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
  BLOSC_COMPRESSORS,
  type Codec,
  composeTransforms,
  ENCODABLE,
  hasOutput,
  intrinsicSystemOf,
  itemSizeOf,
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
import { type CodecRequest, requestedCodecs } from "../chunks/codec-request.js";
import type { NewArray } from "../chunks/encode-entries.js";
import { downsamplingMembers, type PyramidLevel, placementBelow, pyramidLevels } from "./pyramid-shapes.js";

/** Levels that a multiscale lacks. */
export interface MissingLevels {
  readonly image: Image | LabelImage;
  /** Which of the image's multiscales. */
  readonly index: number;
  readonly multiscale: Multiscale;
  /** The smallest level that is there, which the others are made of. */
  readonly smallest: Level & { readonly array: ArrayNode };
  readonly levels: readonly (PyramidLevel & { readonly name: string; readonly path: AbsolutePath })[];
  /** Whether an earlier multiscale of the image lacks the same ones, so that they are made already. */
  readonly isShared: boolean;
}

/**
 * The levels that the multiscales of an image lack below their smallest one. Multiscales with the same smallest level
 * share what is made of it; others never have the same names.
 *
 * @param isTaken whether something lies at a path already
 */
export function missingLevels(
  image: Image | LabelImage,
  isTaken: (path: AbsolutePath) => boolean,
): MissingLevels[] {
  const found: MissingLevels[] = [];
  const given = new Set<AbsolutePath>();
  const pathOf = (name: string): AbsolutePath => resolvePath(image.path, name) ?? "/";
  for (const [index, multiscale] of image.multiscales.entries()) {
    const smallest = multiscale.levels.at(-1);
    if (smallest?.array === undefined || !isPlaced(smallest)) continue;
    const { shape } = smallest.array.array;
    if (shape.length !== multiscale.axes.length) continue;
    const levels = pyramidLevels({ ...smallest, shape }, multiscale.axes);
    if (levels.length === 0) continue;
    const twin = found.find((one) => isMadeAlike(one, { multiscale, smallest, levels }));
    const first = image.path === "/" ? smallest.path.slice(1) : smallest.path.slice(image.path.length + 1);
    const next = namesAfter(first, (name) => isTaken(pathOf(name)) || given.has(pathOf(name)));
    const named = levels.map((level, k) => {
      const name = twin?.levels[k]?.name ?? next();
      return { ...level, name, path: pathOf(name) };
    });
    for (const { path } of named) given.add(path);
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

/** Whether the levels of one multiscale are those of another one: made of the same array, in the same steps. */
function isMadeAlike(
  one: MissingLevels,
  other: {
    readonly multiscale: Multiscale;
    readonly smallest: Level;
    readonly levels: readonly PyramidLevel[];
  },
): boolean {
  const recipe = ({ multiscale, levels }: typeof other): string =>
    JSON.stringify([multiscale.axes.map(({ name }) => name), levels.map(({ factors }) => factors)]);
  return one.smallest.path === other.smallest.path && recipe(one) === recipe(other);
}

/** Whether it is known where the pixels of a level lie; those of one below it would be put anywhere otherwise. */
function isPlaced({ problems }: Level): boolean {
  return !problems.some(({ rule }) => TRANSFORM_RULES.has(rule));
}

const TRANSFORM_RULES: ReadonlySet<string> = new Set(
  [UNREADABLE_PART, TRANSFORM_LENGTH, UNSUPPORTED_TRANSFORM].map(({ id }) => id),
);

/**
 * Tells of multiscales to which nothing can be added, for their last level is not there, has other axes, or is placed
 * by something else than numbers of a scale and a translation.
 */
export function* unextendableMultiscales({ path, multiscales }: Image | LabelImage): Generator<Finding> {
  for (const { levels, axes } of multiscales) {
    const smallest = levels.at(-1);
    if (smallest === undefined) continue;
    const why = whyUnextendable(smallest, axes.length);
    if (why === undefined) continue;
    yield {
      rule: "no-levels-added",
      level: "policy",
      severity: "warning",
      where: path,
      message: `No levels are added to the image ${path}: ${why}, which is to be its smallest level.`,
      help: "Correct the list of levels, or leave the last ones out with --levels.",
    };
  }
}

function whyUnextendable(smallest: Level, axes: number): string | undefined {
  if (smallest.array === undefined) return `there is no array at ${smallest.path}`;
  if (smallest.array.array.shape.length !== axes) {
    return `the array ${smallest.path} has other dimensions than the image has axes`;
  }
  return isPlaced(smallest)
    ? undefined
    : `the place of its pixels cannot be computed from the transformations of ${smallest.path}`;
}

/** Counts on from the last number in a name: `0` goes on with `1`, `s2` with `s3`, `scale0/image` with `scale1/image`. */
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
 * The attributes of an image with datasets for the levels that are added ("multiscales metadata" of 0.5 and 0.6).
 *
 * `type` and `metadata` of the multiscale tell how levels were made: they stay where there were levels to tell of, and
 * are set where there was only one.
 */
export function withLevels(
  attributes: JsonObject,
  { image, index, levels, smallest }: MissingLevels,
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
    // What cannot be placed has no levels added; see `hopelessMultiscales`.
    let placement = composeTransforms([{ transforms, what: smallest.path }], smallest.scale.length, () => {});
    const added = levels.map(({ name, factors }) => {
      placement = placementBelow(placement, factors);
      return { path: name, coordinateTransformations: placedLike(placement, name, transforms) };
    });
    return {
      ...multiscale,
      datasets: [...datasets, ...added],
      ...(datasets.length === 1 &&
        downsamplingMembers(image.kind === "label-image" ? "nearest" : "mean", "ozx convert --pyramid")),
    };
  });
  return { ...attributes, ome: { ...ome, multiscales: extended } };
}

/** As 0.6 has it, with its ends, where the level above is written so; otherwise as 0.4 and 0.5 do. */
function placedLike(placement: Placement, path: string, like: unknown): JsonObject[] {
  const steps = placementSteps(placement);
  const above = Array.isArray(like) ? like.find(hasOutput) : undefined;
  if (above === undefined) return steps;
  return [{ type: "sequence", input: { path }, output: above["output"], transformations: steps }];
}

/** An array for a level, like the one of the level above where nothing else is asked for. */
export function arrayBelow(
  above: ArrayDescription,
  level: {
    readonly path: AbsolutePath;
    readonly shape: readonly number[];
    readonly names: readonly string[];
    /** About how many bytes a chunk takes. */
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
    const wanted =
      shard ?? Object.fromEntries(names.map((name, axis) => [name, above.shardShape?.[axis] ?? 1]));
    const found = requestedShardShape(array, names, wanted);
    if ("axis" in found) {
      throw new UsageError(
        `shards of ${found.axis}=${wanted[found.axis]} do not fit the new level ${path.slice(1)}, whose chunks have ${found.chunk} along ${found.axis}: ask for a multiple of ${found.chunk}`,
      );
    }
    shardShape = found;
  }
  const isOneChunk = shardShape?.every((extent, axis) => extent === chunkShape[axis]) ?? true;
  const itemSize = itemSizeOf(above.dtype) ?? 1;
  return {
    path,
    shape,
    chunkShape,
    shardShape: isOneChunk ? undefined : shardShape,
    dtype: above.dtype,
    codecs: codec === undefined ? codecsLike(above, itemSize) : requestedCodecs(codec, itemSize),
    dimensionNames: names,
  };
}

/** The codecs of the level above where they can be written, otherwise zstd. */
function codecsLike({ codecs }: ArrayDescription, itemSize: number): readonly Codec[] {
  const { ofBytes } = splitChain(codecs) ?? {};
  if (ofBytes?.every(isEncodable)) {
    return ofBytes.map(({ name, configuration }) => ({
      name,
      configuration: { ...DEFAULTS[name], ...configuration },
    }));
  }
  return requestedCodecs({ name: "zstd" }, itemSize);
}

function isEncodable({ name, configuration }: Codec): boolean {
  const written: readonly unknown[] = BLOSC_COMPRESSORS;
  return ENCODABLE.has(name) && (name !== "blosc" || written.includes(configuration["cname"]));
}

/** Members that a document may leave out. */
const DEFAULTS: Readonly<Record<string, Codec["configuration"]>> = {
  gzip: { level: 6 },
  zstd: { level: 5 },
  blosc: { clevel: 5, shuffle: "noshuffle", typesize: 1 },
};
