import {
  type AbsolutePath,
  type Hierarchy,
  type Image,
  type JsonObject,
  type LabelImage,
  UnsupportedError,
  UsageError,
  type ZarrNode,
} from "@ozx/core";
import { isBelow, isJsonObject } from "@ozx/core/container";
import { type DocumentLocation, imageAt, joinKey, listOf, omeMetadataOf } from "@ozx/core/internal";
import type { WrittenMultiscale } from "./edit-multiscale.js";

/** A hierarchy whose nodes are replaced as they are edited. */
export interface WorkingCopy extends Hierarchy {
  readonly nodes: Map<AbsolutePath, ZarrNode>;
}

/** A copy of a hierarchy that can be edited. */
export function workingCopy(hierarchy: Hierarchy): WorkingCopy {
  return { ...hierarchy, nodes: new Map(hierarchy.nodes) };
}

/** A node as people call it in messages: the store, or a path in it. */
export function nameOfNode({ location }: Hierarchy, path: AbsolutePath): string {
  return path === "/" ? location : `${path.slice(1)} in ${location}`;
}

/** The document that has the attributes of a node. */
export function attributesKey({ path, zarrFormat }: ZarrNode): AbsolutePath {
  return joinKey(path, zarrFormat === 2 ? ".zattrs" : "zarr.json");
}

/** The content of a node's {@link attributesKey}. */
export function attributesDocument({ zarrFormat, document, attributes }: ZarrNode): JsonObject {
  return zarrFormat === 2 ? attributes : document;
}

/**
 * The OME-Zarr members of a node, which are edited.
 *
 * @throws UsageError where the node is missing, or is not OME-Zarr
 * @throws UnsupportedError for OME-Zarr before 0.4
 */
export function membersAt(working: WorkingCopy, path: AbsolutePath): JsonObject {
  const node = working.nodes.get(path);
  const metadata = node && omeMetadataOf(node);
  if (metadata === undefined)
    throw new UsageError(
      `${nameOfNode(working, path)} has no OME-Zarr metadata: choose an image, a label image or a plate`,
    );
  if (metadata.version < "0.4") {
    throw new UnsupportedError(
      `${nameOfNode(working, path)} is OME-Zarr ${metadata.version}, and metadata is edited from 0.4 on: ozx convert --ome-zarr-version 0.5 writes a newer one`,
      { location: working.location, path, feature: `OME-Zarr ${metadata.version}` },
    );
  }
  return metadata.attributes;
}

/** Replaces OME-Zarr members of a node. */
export function setMembers(working: WorkingCopy, path: AbsolutePath, changed: JsonObject): void {
  const node = working.nodes.get(path);
  const metadata = node && omeMetadataOf(node);
  if (node === undefined || metadata === undefined) return;
  const members = { ...metadata.attributes, ...changed };
  const attributes = metadata.namespaced ? { ...node.attributes, ome: members } : members;
  const document = node.zarrFormat === 2 ? node.document : { ...node.document, attributes };
  working.nodes.set(path, { ...node, attributes, document });
}

/** An image of a working copy, as it is read, and its first multiscale as it is written. */
export interface EditedImage {
  readonly image: Image | LabelImage;
  readonly multiscale: WrittenMultiscale;
  readonly members: JsonObject;
}

/**
 * The image at a path; undefined where there is none.
 *
 * @throws UnsupportedError for OME-Zarr before 0.4, and where the list of images cannot be read
 */
export function editedImageAt(working: WorkingCopy, path: AbsolutePath): EditedImage | undefined {
  const node = working.nodes.get(path);
  const image = imageAt(working, path);
  if (node === undefined || image === undefined) return undefined;
  const members = membersAt(working, path);
  const where: DocumentLocation = { location: working.location, path: attributesKey(node).slice(1) };
  const list = members["multiscales"];
  const [written] = listOf(members, "multiscales");
  if (!Array.isArray(list) || written === undefined || list[0] !== written) {
    throw new UnsupportedError(
      `the first multiscale of ${nameOfNode(working, path)} is not an object: correct it first`,
      {
        ...where,
        feature: "invalid metadata",
      },
    );
  }
  return {
    image,
    members,
    multiscale: { written, read: image.multiscales[0], version: image.version, where },
  };
}

/** Replaces the first multiscale of an image. */
export function setMultiscale(working: WorkingCopy, path: AbsolutePath, changed: JsonObject): void {
  const list = membersAt(working, path)["multiscales"];
  const rest: readonly unknown[] = Array.isArray(list) ? list.slice(1) : [];
  setMembers(working, path, { multiscales: [changed, ...rest] });
}

/** The paths of all images at or below a path, without label images: these follow the images that they belong to. */
export function imagesBelow(working: WorkingCopy, path: AbsolutePath): AbsolutePath[] {
  const images = new Map<AbsolutePath, Image | LabelImage>();
  for (const at of working.nodes.keys()) {
    if (at !== path && !isBelow(at, path)) continue;
    const image = imageAt(working, at);
    if (image !== undefined) images.set(at, image);
  }
  const labels = new Set([...images.values()].flatMap((image) => image.labels));
  return [...images].filter(([at, { kind }]) => kind === "image" && !labels.has(at)).map(([at]) => at);
}

/** Whether two JSON values are written the same. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** A member that must be a list of objects, as it is written. */
export function requireList(members: JsonObject, name: string, what: string): JsonObject[] {
  const list = members[name];
  if (Array.isArray(list) && list.every(isJsonObject)) return list;
  throw new UsageError(`${what} has no valid list of ${name}: ozx validate says what is wrong with it`);
}
