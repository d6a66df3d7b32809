import {
  type AbsolutePath,
  type Finding,
  type Hierarchy,
  type Image,
  type JsonObject,
  type LabelImage,
  type ReadOptions,
  readHierarchy,
  readOme,
  type Store,
  UsageError,
} from "@ozx/core";
import { type EntryInput, parentKey } from "@ozx/core/container";
import { formatChunkKey, imageAt, joinKey, nameBelow, parseChunkKey } from "@ozx/core/internal";
import { axisNamed } from "../chunks/axis-named.js";
import { changedConsolidated } from "../create/existing-documents.js";
import { writtenHierarchy } from "../plan/check-output.js";
import { type PlanOptions, planTransfer, type TransferPlan } from "../plan/plan-transfer.js";
import { needsOfVersion, planVersion } from "../plan/plan-version.js";
import type { AppendPlan } from "./append-images.js";
import { writableVersion } from "./existing-hierarchy.js";
import {
  type ArrayPair,
  addedLength,
  chunksBefore,
  positionAfter,
  refuseDifferent,
} from "./matching-arrays.js";

/**
 * Plans to continue an image along an axis by another one: of the same size, levels, chunks and codecs. Chunks are copied as
 * they are stored, behind what is there, which must end with a whole chunk. Label images continue where both have them.
 *
 * @param target the image, at its root
 * @param input the other one, which may lack the axis
 * @param axis as in `t`
 * @throws UsageError naming what differs
 * @throws UnsupportedError, UnknownFormatError, InvalidMetadataError for what cannot be added, or added to
 */
export async function planAppendAlong(
  target: Store,
  input: Store,
  axis: string,
  options: ReadOptions & Pick<PlanOptions, "workers"> = {},
): Promise<AppendPlan> {
  const hierarchy = await readHierarchy(target, options);
  const root = hierarchy.nodes.get("/");
  if (root === undefined || readOme(hierarchy).kind !== "image") {
    throw new UsageError(`${target.name} is not a single image: only an image continues along an axis`);
  }
  const image = imageAt(hierarchy, "/");
  const along = axisNamed(axis, image === undefined ? [] : axesOf(image));
  const version = writableVersion(root, target.name);
  const needs = needsOfVersion(version, version === "0.4" ? {} : { zarrFormat: 3 });
  const whole = await planVersion(await planTransfer(input, needs, options), version, options);
  const written = await writtenHierarchy(whole, options);
  const paths = imagePaths(hierarchy);
  const added = paths.filter((path) => imageAt(written, path) !== undefined);
  if (!added.includes("/"))
    throw new UsageError(`${input.name} is not a single image: append images to an image`);
  const pairs = added.flatMap((path) =>
    pairsOf(path, [hierarchy, written], along, [target.name, input.name]),
  );
  const entries = await movedEntries(target, whole, pairs, options);
  const findings = [...whole.findings, ...leftFindings(hierarchy, written, along)];
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const documents = await grownArrays(target, hierarchy, pairs, options);
  return {
    images: [{ path: "/", name: input.name }],
    transfer: { ...whole, entries, bytes, findings },
    documents,
  };
}

/** The paths of an image and its label images. */
function imagePaths({ nodes }: Hierarchy): AbsolutePath[] {
  return ["/", ...[...nodes.keys()].filter((path) => parentKey(path) === "/labels")];
}

function pairsOf(
  path: AbsolutePath,
  hierarchies: readonly [Hierarchy, Hierarchy],
  axis: string,
  names: ArrayPair["names"],
): ArrayPair[] {
  const [one, other] = [imageAt(hierarchies[0], path), imageAt(hierarchies[1], path)];
  if (one === undefined || other === undefined) return [];
  const [axes, added] = [axesOf(one), axesOf(other)];
  const dimension = axes.indexOf(axis);
  if (dimension < 0) {
    if (path !== "/") return [];
    throw new UsageError(`${names[0]} has no axis ${axis}: its axes are ${axes.join(", ")}`);
  }
  const isLifted = !added.includes(axis);
  const without = axes.filter((name) => name !== axis);
  if ((isLifted ? without : axes).join() !== added.join()) {
    throw new UsageError(
      `${names[1]} has the axes ${added.join(", ")} and ${names[0]} ${axes.join(", ")}: they must be the same, apart from ${axis}`,
    );
  }
  const [levels, own] = [one.multiscales[0].levels, other.multiscales[0].levels];
  if (levels.length !== own.length) {
    throw new UsageError(
      `${names[1]} has ${own.length} levels and ${names[0]} ${levels.length}: convert it first, with --pyramid or --levels`,
    );
  }
  const pairs = levels.map((level, k): ArrayPair => {
    const [to, from] = [level.array, own[k]?.array];
    if (to === undefined || from === undefined) {
      throw new UsageError(
        `level ${k} of ${path} has no readable array in ${names[to === undefined ? 0 : 1]}`,
      );
    }
    return { target: to, added: from, dimension, isLifted, names };
  });
  const isDownsampled = levels.some(({ scale }) => scale[dimension] !== levels[0]?.scale[dimension]);
  const even = isDownsampled ? pairs : cutToShortest(pairs);
  for (const pair of even) refuseDifferent(pair, axis);
  refuseUneven(even, axis);
  return even;
}

/**
 * The levels of a target as long as the shortest one: in a folder, whose documents are replaced one by one, a run that was
 * killed leaves levels of different lengths, of which only that much is complete.
 */
function cutToShortest(pairs: readonly ArrayPair[]): ArrayPair[] {
  const lengths = pairs.map(({ target, dimension }) => target.array.shape[dimension] ?? 0);
  const shortest = Math.min(...lengths);
  return pairs.map((pair) => {
    const { target, dimension } = pair;
    const shape = target.array.shape.map((size, k) => (k === dimension ? shortest : size));
    return { ...pair, target: { ...target, array: { ...target.array, shape } } };
  });
}

function axesOf(image: Image | LabelImage): string[] {
  return image.multiscales[0].axes.map(({ name }) => name);
}

/** Refuses levels that would not cover the same extent afterwards, as where they are downsampled along the axis too. */
function refuseUneven(pairs: readonly ArrayPair[], axis: string): void {
  const [first] = pairs;
  if (first === undefined) return;
  const lengths = ({ target, dimension }: ArrayPair): number => target.array.shape[dimension] ?? 0;
  for (const pair of pairs) {
    // The same ratio, without fractions.
    if (lengths(first) * addedLength(pair) === lengths(pair) * addedLength(first)) continue;
    throw new UsageError(
      `the lower levels of ${pair.names[0]} are downsampled along ${axis}, and those of ${pair.names[1]} do not continue them: append whole multiples of ${axis}, or make the levels anew`,
    );
  }
}

/** The chunks of the added arrays at their places in the target. */
async function movedEntries(
  target: Store,
  { entries, generated, source }: TransferPlan,
  pairs: readonly ArrayPair[],
  options: ReadOptions,
): Promise<EntryInput[]> {
  if (generated !== undefined) {
    throw new UsageError(`the chunks of ${source.name} have to be re-encoded: convert it first`);
  }
  const byPath = new Map(pairs.map((pair) => [pair.added.path, pair]));
  const moved = entries.flatMap((entry) => {
    for (let path = parentKey(entry.key); ; path = parentKey(path)) {
      const pair = byPath.get(path);
      const position = pair && parseChunkKey(nameBelow(path, entry.key), pair.added.array);
      if (pair !== undefined && position !== undefined) return [{ ...entry, key: keyAfter(pair, position) }];
      if (path === "/") return [];
    }
  });
  const replaced = new Set(moved.map(({ key }) => key));
  for (const pair of pairs) await refuseStale(target, pair, replaced, options);
  return moved;
}

function keyAfter(pair: ArrayPair, position: readonly number[]): AbsolutePath {
  const { path, array } = pair.target;
  return joinKey(path, formatChunkKey(positionAfter(pair, position), array.chunkKey));
}

/** Refuses chunks behind the end of the target, which would become part of what is added. */
async function refuseStale(
  target: Store,
  pair: ArrayPair,
  replaced: ReadonlySet<AbsolutePath>,
  options: ReadOptions,
): Promise<void> {
  const { path, array } = pair.target;
  const before = chunksBefore(pair);
  for await (const { key } of target.list({ prefix: path, signal: options.signal })) {
    const position = parseChunkKey(nameBelow(path, key), array);
    if (position === undefined || (position[pair.dimension] ?? 0) < before || replaced.has(key)) continue;
    throw new UsageError(`${key.slice(1)} in ${target.name} is outside of its array: remove it first`);
  }
}

/** The documents of the arrays with their new shapes. */
async function grownArrays(
  target: Store,
  hierarchy: Hierarchy,
  pairs: readonly ArrayPair[],
  options: ReadOptions,
): Promise<Map<AbsolutePath, JsonObject>> {
  const documents = new Map<AbsolutePath, JsonObject>();
  for (const pair of pairs) {
    const { path, document, zarrFormat, array } = pair.target;
    const shape = array.shape.map((size, k) => (k === pair.dimension ? size + addedLength(pair) : size));
    documents.set(joinKey(path, zarrFormat === 2 ? ".zarray" : "zarr.json"), { ...document, shape });
  }
  const changed = new Map(documents);
  for (const path of new Set(pairs.map((pair) => parentKey(pair.target.path)))) {
    const copies = await changedConsolidated(target, hierarchy, { path, added: documents }, options);
    for (const [key, document] of copies) if (!documents.has(key)) changed.set(key, document);
  }
  return changed;
}

/** Says which label images end where the target ended, and which of the added ones are left out. */
function leftFindings(hierarchy: Hierarchy, written: Hierarchy, axis: string): Finding[] {
  const [before, after] = [hierarchy, written].map((one) =>
    imagePaths(one).filter((path) => path !== "/" && imageAt(one, path) !== undefined),
  );
  const found = (paths: readonly AbsolutePath[] | undefined, what: string): Finding[] =>
    (paths ?? []).map((path) => ({
      rule: "labels-left",
      level: "policy",
      severity: "warning",
      where: path,
      message: `The label image ${path.slice(1)} ${what} along ${axis}.`,
      help: "Add a label image of the whole length, as with addLabels.",
    }));
  return [
    ...found(
      before?.filter((path) => !after?.includes(path)),
      "is not continued",
    ),
    ...found(
      after?.filter((path) => !before?.includes(path)),
      "is left out, as the target has none to continue",
    ),
  ];
}
