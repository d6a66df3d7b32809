/**
 * What presents images of foreign formats as OME-Zarr: documents of images, collections and plates, and a store whose
 * chunks are parts of files, or made of them.
 *
 * @module
 */

export { type Cache, createCache } from "./cache.js";
export { damagedFile } from "./damaged-file.js";
export { type MarkerSegment, soundMarkerSegments } from "./decode/pictures/jpeg-markers.js";
export { encodeJpeg, type JpegPixels } from "./encode/encode-jpeg.js";
export { createFolderFiles, type FolderFiles } from "./files/folder-files.js";
export {
  buildHierarchy,
  type LevelPlace,
  type VirtualContent,
  type VirtualHierarchy,
} from "./hierarchy/build-hierarchy.js";
export { missingPlanes, notice } from "./hierarchy/findings.js";
export { micrometers } from "./hierarchy/micrometers.js";
export { nameOf, rowIndex } from "./hierarchy/plate-names.js";
export { type PlateSite, plateOfSites } from "./hierarchy/plate-of-sites.js";
export { type ChunkEncoder, storedCodecs, type VirtualArray } from "./hierarchy/virtual-array.js";
export type {
  AxisName,
  ChannelMetadata,
  FieldLayout,
  ImageMetadata,
  ImageScale,
  LevelSize,
  PlaneSizes,
  PlateAcquisition,
  PlateLayout,
  Quantity,
  VirtualImage,
  WellLayout,
} from "./hierarchy/virtual-image.js";
export { type ChunkPlace, planeLabel } from "./store/chunk-place.js";
export type { ChunkReader, FileRun, LocatedChunk, StoredChunk } from "./store/chunk-reader.js";
export { LOOKUPS_AT_ONCE } from "./store/list-chunks.js";
export { oneFile, type VirtualFiles, type VirtualStoreParts, virtualStore } from "./store/virtual-store.js";
export { hiddenBelow, intersection } from "./tiles/hidden-tiles.js";
export { createTileIndex, type Rectangle, type TileIndex } from "./tiles/tile-index.js";
export { parseXml, type XmlHandlers } from "./xml/parse-xml.js";
