import { createThrottle } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { isOzxError, type OzxError } from "../errors.js";
import type { Finding } from "../findings.js";
import { countElements, gridShape } from "../image/grid-order.js";
import type { Acquisition, Axis, Channel, Level, OmeNode, Plate, Scene, SceneEnd } from "../ome/model.js";
import { omeMetadataOf, versionNameOf } from "../ome/ome-metadata.js";
import type { OpenImage, OpenNode } from "../open/open-node.js";
import type { AbsolutePath } from "../store/store.js";
import { compareKeys } from "../store/store-keys.js";
import { itemSizeOf } from "../zarr/data-types.js";
import { isJsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import type {
  ArrayReport,
  ErrorReport,
  FailedImage,
  HierarchyReport,
  ImageReport,
  LevelReport,
  NodeReport,
  Nullable,
  PlateReport,
  SceneReport,
} from "./hierarchy-report.js";
import { measureStored, NO_SIZES, type StoredSizes } from "./stored-sizes.js";

export interface InspectNodeOptions extends ReadOptions {
  /** Leave out the stored sizes, for which the store is listed. */
  readonly withoutSizes?: boolean | undefined;
}

/**
 * Reports on an open node: its metadata and the sizes of its entries. Lists the store once, and reads no pixels.
 *
 * @throws what listing the store throws
 */
export async function inspectNode(
  node: OpenNode,
  { withoutSizes = false, signal }: InspectNodeOptions = {},
): Promise<HierarchyReport> {
  const sizes = withoutSizes ? NO_SIZES : await measureStored(node.store, node.hierarchy, { signal });
  const encodingOf = (path: AbsolutePath): string | undefined => node.store.encodingOf?.(path);
  return describe(node, { ...sizes, encodingOf }, { signal });
}

async function describe(
  node: OpenNode,
  stored: StoredSizes,
  options?: ReadOptions,
): Promise<HierarchyReport> {
  const { model, store, hierarchy } = node;
  const versionAt = (path: OmeNode["path"]): string | undefined => {
    const found = hierarchy.nodes.get(path);
    return found && versionNameOf(found);
  };
  const images: HierarchyReport["images"][number][] = [];
  const pause = createThrottle(options);
  for (const image of node.images) {
    images.push(inspectImage(image, stored, versionAt));
    await pause();
  }
  const own = images.some(({ path }) => path === model.path) ? [] : model.problems;
  return {
    container: store.format,
    kind: model.kind,
    omeVersion: versionAt(model.path) ?? null,
    zarrFormat: hierarchy.nodes.get("/")?.zarrFormat ?? 3,
    name: ("name" in model ? model.name : undefined) ?? null,
    entries: stored.entries,
    bytes: stored.bytes,
    images,
    plate: model.kind === "plate" ? inspectPlate(model) : null,
    scene: model.kind === "scene" ? inspectScene(model) : null,
    seriesOrder: model.kind === "bioformats2raw" ? model.order : null,
    array: model.kind === "array" ? inspectArray(model.array, stored) : null,
    nodes: inspectNodes(node, images),
    broken: hierarchy.broken.map(({ path, error }) => ({ path, error: errorReport(error) })),
    problems: [...store.findings, ...own, ...node.images.flatMap(problemsOf)],
  };
}

/** The name of the version of the node at a path; undefined where it has no OME-Zarr metadata. */
type VersionAt = (path: OmeNode["path"]) => string | undefined;

/** All nodes of the hierarchy, each before those below it, with numbers in their numeric order. */
function inspectNodes({ hierarchy, model }: OpenNode, images: HierarchyReport["images"]): NodeReport[] {
  const kinds = new Map<string, OmeNode["kind"]>([[model.path, model.kind]]);
  for (const image of images) {
    for (const one of image.error === null ? [image, ...image.labels] : []) {
      if (one.error === null) kinds.set(one.path, one.kind);
    }
  }
  if (model.kind === "plate") {
    for (const { path, fields } of model.wells) if (fields !== undefined) kinds.set(path, "well");
  }
  // A row of a plate, opened by itself, is a group of wells.
  if (model.kind === "group") {
    for (const node of hierarchy.nodes.values()) {
      if (isJsonObject(omeMetadataOf(node)?.attributes["well"])) kinds.set(node.path, "well");
    }
  }
  const nodes: NodeReport[] = [];
  for (const node of hierarchy.nodes.values()) {
    nodes.push({
      path: node.path,
      kind: kinds.get(node.path) ?? node.kind,
      shape: node.kind === "array" ? node.array.shape : null,
      dtype: node.kind === "array" ? node.array.dtype : null,
    });
  }
  if (hierarchy.broken.length === 0) return nodes;
  for (const { path } of hierarchy.broken) nodes.push({ path, kind: "broken", shape: null, dtype: null });
  return nodes.sort((a, b) => compareKeys(a.path, b.path));
}

/** Reports on one image and its label images. */
function inspectImage(
  image: OpenImage,
  stored: StoredSizes,
  versionAt: VersionAt,
): ImageReport | FailedImage {
  const inspected = inspectAlone(image, stored, versionAt);
  if (inspected.error !== null) return inspected;
  // Labels of label images are ignored: a list may lead back to the image itself.
  return { ...inspected, labels: image.labels.map((label) => inspectAlone(label, stored, versionAt)) };
}

function inspectAlone(
  image: OpenImage,
  stored: StoredSizes,
  versionAt: VersionAt,
): ImageReport | FailedImage {
  const { path } = image;
  try {
    const { kind, version, multiscales } = image.model;
    return {
      path,
      error: null,
      kind,
      omeVersion: versionAt(path) ?? version,
      name: image.name ?? null,
      multiscales: multiscales.length,
      axes: image.axes.map(axisReport),
      levels: multiscales[0].levels.map((level) => levelReport(level, stored)),
      channels: image.channels.map(channelReport),
      labels: [],
    };
  } catch (error) {
    if (!isOzxError(error)) throw error;
    return { path, error: errorReport(error) };
  }
}

/** An error as data, without its stack. */
export function errorReport({ _tag, message }: OzxError): ErrorReport {
  return { kind: _tag, message };
}

/** The findings about an image and its label images; none for those that cannot be read. */
function problemsOf(image: OpenImage): readonly Finding[] {
  if (!isReadable(image)) return [];
  return [image, ...image.labels.filter(isReadable)].flatMap(({ model: { problems, multiscales } }) => [
    ...problems,
    ...multiscales.flatMap(({ levels }) => levels.flatMap((level) => level.problems)),
  ]);
}

function isReadable(image: OpenImage): boolean {
  try {
    return image.model !== undefined;
  } catch (error) {
    if (isOzxError(error)) return false;
    throw error;
  }
}

function levelReport({ path, scale, translation, array }: Level, stored: StoredSizes): LevelReport {
  return { path, scale, translation, array: array === undefined ? null : inspectArray(array, stored) };
}

function axisReport({ name, type, unit, orientation }: Axis): Nullable<Axis> {
  return { name, type: type ?? null, unit: unit ?? null, orientation: orientation ?? null };
}

function channelReport({ label, color, window, active }: Channel): Nullable<Channel> {
  return { label: label ?? null, color: color ?? null, window: window ?? null, active };
}

/** Reports on a plate, without its images. */
function inspectPlate({ rows, columns, wells, acquisitions }: Plate): PlateReport {
  return {
    rows,
    columns,
    wells: wells.map(({ path, row, column, fields }) => ({
      path,
      row,
      column,
      fields: fields?.map((field) => ({ path: field.path, acquisition: field.acquisition ?? null })) ?? null,
    })),
    acquisitions: acquisitions.map(acquisitionReport),
  };
}

function acquisitionReport(acquisition: Acquisition): Nullable<Acquisition> {
  const { id, name, description, maximumFieldCount, startTime, endTime } = acquisition;
  return {
    id,
    name: name ?? null,
    description: description ?? null,
    maximumFieldCount: maximumFieldCount ?? null,
    startTime: startTime ?? null,
    endTime: endTime ?? null,
  };
}

/** Reports on a scene, without its images. */
function inspectScene({ coordinateSystems, transformations }: Scene): SceneReport {
  return {
    coordinateSystems: coordinateSystems.map(({ name, axes }) => ({
      name: name ?? null,
      axes: axes.map(axisReport),
    })),
    transformations: transformations.map(({ name, type, input, output }) => ({
      name: name ?? null,
      type: type ?? null,
      input: endReport(input),
      output: endReport(output),
    })),
  };
}

function endReport({ name, path }: SceneEnd): Nullable<SceneEnd> {
  return { name: name ?? null, path: path ?? null };
}

/**
 * Reports on one array, from its metadata.
 *
 * @param stored the sizes of its hierarchy's entries; by default they are not known
 */
export function inspectArray(
  { path, zarrFormat, array }: ArrayNode,
  stored: StoredSizes = NO_SIZES,
): ArrayReport {
  const { shape, chunkShape, shardShape, dtype, codecs } = array;
  const { objects, bytes } = stored.arrays.get(path) ?? { objects: null, bytes: null };
  const grid = shardShape ?? chunkShape;
  return {
    shape,
    chunks: chunkShape,
    shards: shardShape ?? null,
    dtype,
    codecs: codecs.map((codec) => String(codec[zarrFormat === 3 ? "name" : "id"])),
    encoding: stored.encodingOf?.(path) ?? null,
    storedObjects: objects,
    allObjects: countElements(gridShape(shape, grid)),
    storedBytes: bytes,
    uncompressedBytes: uncompressedBytes(shape, itemSizeOf(dtype)),
  };
}

function uncompressedBytes(shape: readonly number[], itemSize: number | undefined): number | string | null {
  if (itemSize === undefined) return null;
  const bytes = shape.reduce((product, size) => product * BigInt(size), BigInt(Math.ceil(itemSize)));
  return bytes <= Number.MAX_SAFE_INTEGER ? Number(bytes) : String(bytes);
}
