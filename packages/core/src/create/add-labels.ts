import type { ReadOptions } from "../bytes/byte-source.js";
import { InvalidMetadataError, UnsupportedError } from "../errors.js";
import { imageAt } from "../ome/upgrade/dimension-names.js";
import { joinKey, parentKey } from "../store/keys.js";
import type { AbsolutePath, Store } from "../store/store.js";
import type { EntryWriter } from "../store/target.js";
import { readHierarchy } from "../zarr/hierarchy.js";
import { isJsonObject, type JsonObject } from "../zarr/json.js";
import type { Hierarchy } from "../zarr/node.js";
import { withoutMember } from "../zarr/upgrade/place.js";
import {
  type Committed,
  checkLabelsName,
  committed,
  labelImage,
  type NewLabelsOptions,
} from "./create-image.js";
import { omeGroup, WRITTEN_VERSION } from "./image-document.js";
import type { NewImageOptions } from "./image-options.js";
import { openPixelWriter, type PixelWriter } from "./image-writer.js";
import { documentEntry } from "./new-array.js";

export interface AddLabelsOptions extends NewLabelsOptions {
  /** The image that the labels belong to, as in `/B/3/0`; the root by default. */
  readonly image?: AbsolutePath | undefined;
}

/**
 * Adds a label image to an image that is there: of its size, scale and number of levels, without channels.
 *
 * @param store holds the image
 * @param writer adds entries to the same place, or puts them in the place of others
 * @throws InvalidMetadataError when there is no image, or its largest level cannot be read
 * @throws UnsupportedError when the image is not OME-Zarr 0.5
 * @throws RangeError when there is something of the labels' name, or the options contradict each other
 */
export async function addLabels(
  store: Store,
  writer: EntryWriter,
  name: string,
  { image: path = "/", ...labels }: AddLabelsOptions = {},
  options?: ReadOptions,
): Promise<PixelWriter & Committed> {
  try {
    const hierarchy = await readHierarchy(store, options);
    const image = imageOptions(hierarchy, path);
    const group = joinKey(path, "labels");
    checkLabelsName(name, group, hierarchy.nodes.has(joinKey(group, name)));
    const described = labelImage(image, image, name, labels, joinKey(group, name));
    const pixels = await openPixelWriter(writer, described, options);
    const finish = async (closing?: ReadOptions): Promise<void> => {
      await pixels.close(closing);
      await writer.add(documentEntry(group, listing(hierarchy, group, name)), closing);
      for (const [above, document] of withoutCopies(hierarchy, path)) {
        await writer.add(documentEntry(above, document), closing);
      }
    };
    return { ...pixels, ...committed(writer, finish) };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** An image that is there as one that would be written. */
function imageOptions(
  hierarchy: Hierarchy,
  path: AbsolutePath,
): NewImageOptions & { readonly levels: number } {
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
  if (image.version !== WRITTEN_VERSION) {
    throw new UnsupportedError(
      `${path} in ${location} is OME-Zarr ${image.version}, and labels are written as ${WRITTEN_VERSION}: convert it first`,
      { location, path, feature: `OME-Zarr ${image.version}` },
    );
  }
  const { shape, chunkShape, shardShape, dtype } = largest.array.array;
  return {
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

/** The group that lists label images, with one more. */
function listing({ nodes }: Hierarchy, group: AbsolutePath, name: string): JsonObject {
  const node = nodes.get(group);
  const ome = node?.attributes["ome"];
  if (node === undefined || !isJsonObject(ome)) return omeGroup({ labels: [name] });
  const listed: readonly unknown[] = Array.isArray(ome["labels"]) ? ome["labels"] : [];
  return {
    ...withoutMember(node.document, "consolidated_metadata"),
    attributes: { ...node.attributes, ome: { ...ome, labels: [...listed, name] } },
  };
}

/** The groups above that hold copies of metadata, which would not tell of the labels, without them. */
function* withoutCopies({ nodes }: Hierarchy, path: AbsolutePath): Generator<[AbsolutePath, JsonObject]> {
  for (let above = path; ; above = parentKey(above)) {
    const document = nodes.get(above)?.document;
    if (document !== undefined && Object.hasOwn(document, "consolidated_metadata")) {
      yield [above, withoutMember(document, "consolidated_metadata")];
    }
    if (above === "/") return;
  }
}
