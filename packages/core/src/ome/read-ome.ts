import { createThrottle } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import { childrenOf, type GroupNode, type Hierarchy } from "../zarr/zarr-node.js";
import type {
  Bioformats2raw,
  CoordinateSystem,
  OmeNode,
  PlainGroup,
  Scene,
  SceneEnd,
  SceneTransformation,
} from "./model.js";
import { asName, asString, formatValue, member } from "./ome-metadata.js";
import {
  IMAGE_AND_LAYOUT,
  type ReadContext,
  readContext,
  readPath,
  requireNode,
  UNREADABLE_PART,
  unreadable,
} from "./read-context.js";
import { readImage, readLabels } from "./read-image.js";
import { listOf, readAxes } from "./read-multiscale.js";
import { plateSteps, readWell } from "./read-plate.js";
import { hasCoordinateSystems } from "./version-names.js";

/** Options of {@link readOme}. */
export interface ReadOmeOptions {
  /** The text of `OME/METADATA.ome.xml` (see `omeXmlKey`), for bioformats2raw collections that list no series. */
  readonly omeXml?: string | undefined;
}

/**
 * The node at a path in terms of OME-Zarr 0.1 to 0.6 and 0.9.dev1. Only the hierarchy is used, so nodes that are not in it count as
 * missing. Invalid parts of the metadata are ignored, and reported in `problems`.
 *
 * A node that could be several kinds is the first of: plate, bioformats2raw collection ("if the plate key is
 * present it takes precedence"), well, image, labels, scene.
 *
 * @throws NotFoundError where there is no node
 * @throws InvalidMetadataError where its metadata cannot be read at all
 */
export function readOme(
  hierarchy: Hierarchy,
  path: AbsolutePath = "/",
  options: ReadOmeOptions = {},
): OmeNode {
  const steps = omeSteps(hierarchy, path, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Reads a node as {@link readOme} does, in slices of some milliseconds: a plate may list a million wells.
 *
 * @throws what `readOme` throws
 */
export async function readOmeInSlices(
  hierarchy: Hierarchy,
  path: AbsolutePath = "/",
  { signal, ...options }: ReadOmeOptions & ReadOptions = {},
): Promise<OmeNode> {
  const pause = createThrottle({ signal });
  const steps = omeSteps(hierarchy, path, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}

function* omeSteps(
  hierarchy: Hierarchy,
  path: AbsolutePath,
  options: ReadOmeOptions,
): Generator<undefined, OmeNode> {
  const node = requireNode(hierarchy, path);
  if (node.kind === "array") return { kind: "array", path, version: undefined, problems: [], array: node };
  const context = readContext(hierarchy, node);
  if (context === undefined) return plainGroup(hierarchy, node);
  const has = (key: string): boolean => Object.hasOwn(context.attributes, key);
  if (has("plate")) return yield* plateSteps(context);
  if (has("bioformats2raw.layout") && has("multiscales")) {
    // The layout says that images lie below, and the image that it is: only the second can be true.
    context.report(
      IMAGE_AND_LAYOUT,
      `${path} is an image and has bioformats2raw.layout, which is of groups of images.`,
    );
    return readImage(context);
  }
  if (has("bioformats2raw.layout")) return readBioformats2raw(context, options.omeXml);
  if (has("well")) return readWell(context);
  if (has("multiscales")) return readImage(context);
  if (has("labels")) return readLabels(context);
  if (has("scene") && hasCoordinateSystems(context.version)) return readScene(context);
  return plainGroup(hierarchy, node);
}

function plainGroup(hierarchy: Hierarchy, { path }: GroupNode): PlainGroup {
  return { kind: "group", path, version: undefined, problems: [], children: childrenOf(hierarchy, path) };
}

/**
 * Reads a group with `scene` (0.6 "scene metadata"): images that transformations place.
 *
 * @throws InvalidMetadataError when it has no list of transformations
 */
function readScene(context: ReadContext): Scene {
  const { path, version, problems, attributes } = context;
  const scene = member(attributes, "scene");
  if (!isJsonObject(scene) || !Array.isArray(member(scene, "coordinateTransformations"))) {
    throw unreadable(context, "the scene has no list of coordinateTransformations.");
  }
  const transformations = listOf(scene, "coordinateTransformations").map((transform) =>
    readTransformation(transform, context),
  );
  const paths = transformations.flatMap(({ input, output }) => [input.path, output.path]);
  return {
    kind: "scene",
    path,
    version,
    problems,
    coordinateSystems: listOf(scene, "coordinateSystems").map((system) => readSystem(system, context)),
    transformations,
    images: [...new Set(paths.filter((image) => image !== undefined))],
  };
}

function readSystem(system: JsonObject, context: ReadContext): CoordinateSystem {
  const name = asName(member(system, "name"));
  if (name === undefined) {
    context.report(UNREADABLE_PART, `A coordinate system of the scene ${context.path} has no name.`);
  }
  return { name, axes: readAxes(member(system, "axes"), context) ?? [] };
}

function readTransformation(transform: JsonObject, context: ReadContext): SceneTransformation {
  return {
    name: asName(member(transform, "name")),
    type: asString(member(transform, "type")),
    input: readEnd(member(transform, "input"), context),
    output: readEnd(member(transform, "output"), context),
  };
}

function readEnd(end: unknown, context: ReadContext): SceneEnd {
  if (!isJsonObject(end)) {
    context.report(
      UNREADABLE_PART,
      `A transformation of the scene ${context.path} has the end ${formatValue(end)}.`,
    );
    return { name: undefined, path: undefined };
  }
  const path = member(end, "path");
  return {
    name: asName(member(end, "name")),
    path:
      path === undefined
        ? undefined
        : readPath(path, () => `A transformation of the scene ${context.path}`, context),
  };
}

/**
 * Reads a group with `bioformats2raw.layout` ("bioformats2raw.layout", transitional). Its images are the `series` of the
 * group `OME`; without it, as many as the OME-XML has; without that, the groups 0, 1, 2 … up to the first gap.
 */
function readBioformats2raw(context: ReadContext, omeXml: string | undefined): Bioformats2raw {
  const { path, version, problems } = context;
  const base = { kind: "bioformats2raw", path, version, problems } as const;
  const series = readSeries(context);
  if (series !== undefined) return { ...base, images: series, order: "series" };
  const count = omeXml === undefined ? 0 : countOmeXmlImages(omeXml);
  if (count > 0) {
    const images = Array.from({ length: count }, (_, index) => joinKey(path, String(index)));
    return { ...base, images, order: "ome-xml" };
  }
  return { ...base, images: consecutiveGroups(context), order: "names" };
}

function readSeries(context: ReadContext): AbsolutePath[] | undefined {
  const { hierarchy, path, report } = context;
  const { attributes = {} } = hierarchy.nodes.get(joinKey(path, "OME")) ?? {};
  const ome = member(attributes, "ome");
  const series = member(isJsonObject(ome) ? ome : attributes, "series");
  if (!Array.isArray(series)) {
    if (series !== undefined) {
      report(UNREADABLE_PART, `The series of ${path} are not a list of paths: ${formatValue(series)}.`);
    }
    return undefined;
  }
  const images = series.flatMap(
    (name: unknown) => readPath(name, () => `A series of ${path}`, context) ?? [],
  );
  return [...new Set(images)];
}

function consecutiveGroups({ hierarchy, path }: ReadContext): AbsolutePath[] {
  const images: AbsolutePath[] = [];
  for (let index = 0; ; index++) {
    const image = joinKey(path, String(index));
    if (!hierarchy.nodes.has(image)) return images;
    images.push(image);
  }
}

/** The key of the OME-XML of a bioformats2raw collection, which may not exist. */
export function omeXmlKey(collection: AbsolutePath): AbsolutePath {
  return joinKey(joinKey(collection, "OME"), "METADATA.ome.xml");
}

/**
 * The number of `Image` elements of an OME-XML document, with any namespace prefix. It scans the text in one pass, since a
 * document may have millions of elements, and need not be well-formed.
 */
export function countOmeXmlImages(xml: string): number {
  let count = 0;
  for (let at = xml.indexOf("<"); at >= 0; at = xml.indexOf("<", at + 1)) {
    const end = SKIPPED.find(([start]) => xml.startsWith(start, at))?.[1];
    if (end !== undefined) {
      at = xml.indexOf(end, at);
      if (at < 0) break;
    } else {
      IMAGE_START.lastIndex = at;
      if (IMAGE_START.test(xml)) count++;
    }
  }
  return count;
}

const SKIPPED = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
] as const;
const IMAGE_START = /<(?:[\w.-]{1,100}:)?Image[\s/>]/y;
