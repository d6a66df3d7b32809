import type { AbsolutePath, Hierarchy, JsonObject, OmeVersion, ReadOptions, Store } from "@ozx/core";
import { InvalidMetadataError, readHierarchy, UnsupportedError } from "@ozx/core";
import type { EntryWriter } from "@ozx/core/container";
import { isJsonObject, keyName, parentKey } from "@ozx/core/container";
import { imageAt, joinKey, rejectUnknownOptions, stringifyJson } from "@ozx/core/internal";
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
import { openPixelWriter, type PixelWriter } from "./image-writer.js";

export interface AddLabelsOptions extends NewLabelsOptions {
  /** The image that the labels belong to, as in `B/3/0`; the root by default. */
  readonly image?: string | undefined;
}

/**
 * Adds a label image to an image that is there: of its size, scale, number of levels and version, without channels.
 *
 * @param store holds the image
 * @param writer adds entries to the same place, or puts them in the place of others
 * @throws InvalidMetadataError when there is no image, or its largest level cannot be read
 * @throws UnsupportedError when the image is none of OME-Zarr 0.4, 0.5 and 0.6, or its version has no word for what
 *   is asked for
 * @throws UsageError for options that there are none of
 * @throws RangeError when there is something of the labels' name, or the options contradict each other
 */
export async function addLabels(
  store: Store,
  writer: EntryWriter,
  name: string,
  { image: at = "/", ...labels }: AddLabelsOptions = {},
  options?: ReadOptions,
): Promise<PixelWriter & Committed> {
  try {
    rejectUnknownOptions("a label image", labels, [...LABELS_OPTIONS, "image"]);
    const path: AbsolutePath = `/${at.replace(/^\/+|\/+$/g, "")}`;
    const hierarchy = await readHierarchy(store, options);
    const image = imageOptions(hierarchy, path);
    const group = joinKey(path, "labels");
    checkLabelsName(name, group, namesIn(hierarchy, group));
    await refuseExistingKeys(store, joinKey(group, name), options);
    const described = labelImage(image, image, name, labels, joinKey(group, name));
    const spelled = writtenVersion(hierarchy, path, image.version);
    const documents = new Map<AbsolutePath, JsonObject>();
    const add = addInVersion(writer, { version: image.version, spelled }, (key, document) => {
      documents.set(key, document);
    });
    const pixels = await openPixelWriter({ ...writer, add }, described, options);
    const finish = async (closing?: ReadOptions): Promise<void> => {
      await pixels.close(closing);
      const listing = labelsListing(hierarchy.nodes.get(group), group, name, spelled);
      for (const [key, document] of listing) documents.set(key, document);
      const copies = await changedConsolidated(store, hierarchy, path, documents, closing);
      for (const [key, document] of [...listing, ...copies]) {
        await writer.add({ key, bytes: stringifyJson(document) }, closing);
      }
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

/** Throws where a node has keys: those that are not written, as chunks of the fill value, would be read as they are. */
async function refuseExistingKeys(store: Store, path: AbsolutePath, options?: ReadOptions): Promise<void> {
  const found = await store
    .list({ prefix: path, ...options })
    [Symbol.asyncIterator]()
    .next();
  if (found.done && (await store.getRange(path, { offset: 0, length: 0 }, options)) === undefined) return;
  throw new RangeError(
    `there is something at ${path} in ${store.name} that is no label image that can be read: remove ${path}, or take another name`,
  );
}

/** An image that is there as one that would be written. */
function imageOptions(
  hierarchy: Hierarchy,
  path: AbsolutePath,
): NewImageOptions & { readonly levels: number; readonly version: ExistingVersion } {
  const { location } = hierarchy;
  const image = imageAt(hierarchy, path);
  const [multiscale] = image?.multiscales ?? [];
  const [largest] = multiscale?.levels ?? [];
  if (image === undefined || multiscale === undefined || largest?.array === undefined) {
    throw new InvalidMetadataError(`${path} in ${location} is no image whose largest level can be read`, {
      location,
      path,
    });
  }
  const { version } = image;
  if (version !== "0.4" && version !== "0.5" && version !== "0.6") {
    throw new UnsupportedError(
      `${path} in ${location} is OME-Zarr ${version}, and labels are added to 0.4, 0.5 and 0.6: bring it to 0.4 first`,
      { location, path, feature: `OME-Zarr ${version}` },
    );
  }
  const [problem] = version === "0.6" ? largest.problems : [];
  if (problem !== undefined) {
    throw new UnsupportedError(
      `labels cannot be placed as ${path} in ${location} is: ${problem.message.replace(/\.$/, "")}`,
      { location, path, feature: "an image that is placed otherwise than by scale and translation" },
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

/** The version as the image spells it: a candidate of 0.6 stays one. */
function writtenVersion({ nodes }: Hierarchy, path: AbsolutePath, version: OmeVersion): string {
  const ome = nodes.get(path)?.attributes["ome"];
  const written = isJsonObject(ome) ? ome["version"] : undefined;
  return typeof written === "string" ? written : version;
}
