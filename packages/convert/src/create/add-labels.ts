import {
  type AbsolutePath,
  type Hierarchy,
  InvalidMetadataError,
  type JsonObject,
  type OmeVersion,
  type ReadOptions,
  readHierarchy,
  type Store,
  UnsupportedError,
} from "@ozx/core";
import { type EntryWriter, isJsonObject, keyName, parentKey } from "@ozx/core/container";
import {
  hasCoordinateSystems,
  imageAt,
  joinKey,
  rejectUnknownOptions,
  stringifyJson,
} from "@ozx/core/internal";
import { LABELS_OPTIONS } from "./check-arguments.js";
import {
  type Committed,
  checkLabelsName,
  committed,
  labelImage,
  type NewLabelsOptions,
} from "./create-image.js";
import {
  addInVersion,
  changedConsolidated,
  type ExistingVersion,
  labelsListing,
} from "./existing-documents.js";
import type { NewImageOptions } from "./image-options.js";
import { type Closed, openPixelWriter, type PixelWriter } from "./image-writer.js";

/** A label image that is added to an existing image. */
export interface AddLabelsOptions extends NewLabelsOptions {
  /** The path of the image, as in `B/3/0`; the root by default. */
  readonly image?: string | undefined;
}

/**
 * Adds a label image to an existing image: with its size, scale, number of levels and version, without channels.
 *
 * @param output `store` contains the image; `writer` adds entries to the same archive or folder, and replaces others
 * @param name of the label image
 * @throws InvalidMetadataError if there is no image, or its largest level cannot be read
 * @throws UnsupportedError if the image is OME-Zarr 0.1, 0.2 or 0.3, or its version cannot express the options
 * @throws UsageError for unknown options
 * @throws RangeError if there is something of that name, or options contradict each other
 */
export async function addLabels(
  output: { readonly store: Store; readonly writer: EntryWriter },
  name: string,
  { image: at = "/", ...labels }: AddLabelsOptions = {},
  options?: ReadOptions,
): Promise<PixelWriter & Committed> {
  const { store, writer } = output;
  try {
    rejectUnknownOptions("a label image", labels, [...LABELS_OPTIONS, "image"]);
    const path: AbsolutePath = `/${at.replace(/^\/+|\/+$/g, "")}`;
    const hierarchy = await readHierarchy(store, options);
    const image = imageOptions(hierarchy, path);
    const group = joinKey(path, "labels");
    checkLabelsName(name, group, namesIn(hierarchy, group));
    const labelsPath = joinKey(group, name);
    await refuseExistingKeys(store, labelsPath, options);
    const described = labelImage(image, { name, path: labelsPath, levels: image.levels }, labels);
    const written = writtenVersion(hierarchy, path, image.version);
    const documents = new Map<AbsolutePath, JsonObject>();
    const add = addInVersion(writer, { version: image.version, written }, (key, document) => {
      documents.set(key, document);
    });
    const pixels = await openPixelWriter({ ...writer, add }, described, options);
    const finish = async (closing?: ReadOptions): Promise<Closed> => {
      const closed = await pixels.close(closing);
      const listing = labelsListing(hierarchy.nodes.get(group), group, name, written);
      for (const [key, document] of listing) documents.set(key, document);
      const copies = await changedConsolidated(store, hierarchy, { path, added: documents }, closing);
      for (const [key, document] of [...listing, ...copies]) {
        await writer.add({ key, bytes: stringifyJson(document) }, closing);
      }
      return closed;
    };
    return { ...pixels, ...committed(writer, finish) };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

function namesIn({ nodes }: Hierarchy, group: AbsolutePath): string[] {
  return [...nodes.keys()].filter((path) => parentKey(path) === group).map(keyName);
}

/** Refuses a path with existing keys: those that are not overwritten, such as old chunks, would become part of the labels. */
async function refuseExistingKeys(store: Store, path: AbsolutePath, options?: ReadOptions): Promise<void> {
  const found = await store
    .list({ prefix: path, ...options })
    [Symbol.asyncIterator]()
    .next();
  if (found.done && (await store.getRange(path, { offset: 0, length: 0 }, options)) === undefined) return;
  throw new RangeError(
    `there are files at ${path} in ${store.name} that are not a readable label image: remove ${path}, or choose another name`,
  );
}

/** The options that would create an existing image. */
function imageOptions(
  hierarchy: Hierarchy,
  path: AbsolutePath,
): NewImageOptions & { readonly levels: number; readonly version: ExistingVersion } {
  const { location } = hierarchy;
  const image = imageAt(hierarchy, path);
  const [multiscale] = image?.multiscales ?? [];
  const [largest] = multiscale?.levels ?? [];
  if (image === undefined || multiscale === undefined || largest?.array === undefined) {
    throw new InvalidMetadataError(
      `${path} in ${location} is not an image with a readable largest level: give the path of an image`,
      { location, path },
    );
  }
  const { version } = image;
  if (version === "0.1" || version === "0.2" || version === "0.3") {
    throw new UnsupportedError(
      `${path} in ${location} is OME-Zarr ${version}, and labels can only be added from 0.4 on: convert it first`,
      { location, path, feature: `OME-Zarr ${version}` },
    );
  }
  const [problem] = hasCoordinateSystems(version) ? largest.problems : [];
  if (problem !== undefined) {
    throw new UnsupportedError(
      `labels cannot be placed on the image ${path} in ${location} (${problem.message})`,
      { location, path, feature: "an image that is not placed by a scale and a translation" },
    );
  }
  const { shape, chunkShape, shardShape, dtype } = largest.array.array;
  return {
    version,
    axes: multiscale.axes,
    shape,
    dtype,
    chunks: chunkShape,
    shards: shardShape,
    scale: largest.scale,
    translation: largest.translation,
    levels: multiscale.levels.length,
  };
}

/** The version as the image spells it, such as `0.6.dev3`. */
function writtenVersion({ nodes }: Hierarchy, path: AbsolutePath, version: OmeVersion): string {
  const ome = nodes.get(path)?.attributes["ome"];
  const written = isJsonObject(ome) ? ome["version"] : undefined;
  return typeof written === "string" ? written : version;
}
