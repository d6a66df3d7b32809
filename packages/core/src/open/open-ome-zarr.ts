import { memoize } from "../bytes/concurrency.js";
import type { ByteSource, ReadOptions } from "../bytes/source-and-sink.js";
import { rejectUnknownOptions, UnknownFormatError, UsageError } from "../errors.js";
import type { OmeNode } from "../ome/model.js";
import { omeVersionOf } from "../ome/ome-metadata.js";
import { omeXmlKey, readOmeInSlices } from "../ome/read-ome.js";
import type { Store } from "../store/store.js";
import type { OpenOptions } from "../store/store-format.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import { readDocument } from "../zarr/read-document.js";
import { readHierarchy } from "../zarr/read-hierarchy.js";
import type { Hierarchy } from "../zarr/zarr-node.js";
import { fieldPathsOf, imagePathsOf, openImage } from "./open-image.js";
import type { OpenImage, OpenNode, OpenWell } from "./open-node.js";
import { openStore } from "./open-store.js";
import { storeAt } from "./store-at.js";

export interface OpenOmeZarrOptions extends OpenOptions {
  /** The node to open, as in `B/03`; the root by default. Nothing outside of it is read, and paths are relative to it. */
  readonly path?: string | undefined;
  /**
   * Where `read` decodes chunks: in the threads of `createChunkWorkers`, or the workers of a page; by default, in the
   * calling thread. They are not closed with the node.
   */
  readonly workers?: ChunkWorkers | undefined;
}

/**
 * Opens OME-Zarr: an image, a plate, a well, a collection, or any other Zarr group or array. All metadata is read now,
 * pixels when they are needed.
 *
 * @example
 * const node = await openOmeZarr(blob, { formats: [ozxFormat] });
 * const plane = await node.images[0].level(0).read({ c: 1, z: 12 });
 *
 * @param source a store, bytes in one of the formats, or an http(s) address of a folder or such bytes; closed with the
 *   node, and when opening fails
 * @throws UsageError for sources of other types, and for unknown options
 * @throws UnknownFormatError when no format recognizes the source, or it contains no Zarr hierarchy
 * @throws InvalidMetadataError when the metadata at the root cannot be understood
 * @throws NotFoundError when there is no node at `path`, naming those that exist
 * @throws UnreadableError, and what the format throws
 */
export async function openOmeZarr(
  source: Store | Blob | ByteSource | string | URL,
  options: OpenOmeZarrOptions,
): Promise<OpenNode> {
  checkOptions(options);
  const store = await openStore(source, options);
  try {
    const { path = "/" } = options;
    return await openNode(await storeAt(store, path, { signal: options.signal }), options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The names of the options of `openOmeZarr`. */
export const OPEN_OME_ZARR_OPTIONS: readonly (keyof OpenOmeZarrOptions)[] = [
  "path",
  "workers",
  "http",
  "signal",
  "wholeIndex",
  "shareIndex",
  "descriptor",
  "maxMetadata",
  "axes",
  "allowMissing",
  "blocking",
  "formats",
];

/** Callers without types may omit options, or misspell them. */
function checkOptions(options: OpenOmeZarrOptions | undefined): asserts options is OpenOmeZarrOptions {
  if (!Array.isArray(options?.formats)) {
    throw new UsageError(
      "openOmeZarr of @ozx/core needs the formats that a file may have: pass { formats: [ozxFormat] } with ozxFormat of @ozx/store-zip",
    );
  }
  rejectUnknownOptions("openOmeZarr", options, OPEN_OME_ZARR_OPTIONS);
}

async function openNode(store: Store, options: OpenOmeZarrOptions): Promise<OpenNode> {
  const hierarchy = await readHierarchy(store, { signal: options.signal });
  const model = await readRoot(store, hierarchy, options);
  const open = (path: OpenImage["path"]): OpenImage => openImage(store, hierarchy, path, options.workers);
  const images = memoize(() => imagePathsOf(hierarchy, model).map(open));
  const wells = memoize(() => openWells(model, open));
  return {
    kind: model.kind,
    version: model.version,
    model,
    hierarchy,
    store,
    get images() {
      return images();
    },
    get labels() {
      const isImage = model.kind === "image" || model.kind === "label-image";
      return isImage ? (images()[0]?.labels ?? []) : [];
    },
    get wells() {
      return wells();
    },
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

async function readRoot(store: Store, hierarchy: Hierarchy, options?: ReadOptions): Promise<OmeNode> {
  const broken = hierarchy.broken.find(({ path }) => path === "/");
  if (broken !== undefined) throw broken.error;
  if (!hierarchy.nodes.has("/")) {
    throw notOmeZarr(store, hierarchy);
  }
  const model = await readOmeInSlices(hierarchy, "/", options);
  if (model.kind !== "bioformats2raw" || model.order !== "names") return model;
  const omeXml = await readDocument(store, omeXmlKey("/"), options);
  if (omeXml === undefined) return model;
  return readOmeInSlices(hierarchy, "/", { signal: options?.signal, omeXml: UTF8_DECODER.decode(omeXml) });
}

function openWells(model: OmeNode, open: (path: OpenImage["path"]) => OpenImage): OpenWell[] {
  if (model.kind !== "plate") return [];
  return model.wells.map((well) => {
    const images = memoize(() => fieldPathsOf(well).map(open));
    return {
      path: well.path,
      row: model.rows[well.row] ?? String(well.row + 1),
      column: model.columns[well.column] ?? String(well.column + 1),
      model: well,
      get images() {
        return images();
      },
    };
  });
}

const UTF8_DECODER = new TextDecoder();

/**
 * The error for a store without OME-Zarr metadata, which suggests an image in it, or the one that it is part of.
 *
 * @param wayOut another suggestion, to follow the first
 */
export function notOmeZarr(
  { name, format }: Pick<Store, "name" | "format">,
  hierarchy: Hierarchy,
  wayOut?: string,
): UnknownFormatError {
  const root = hierarchy.nodes.get("/");
  const reason = root
    ? `it is a Zarr ${root.kind} without OME-Zarr metadata`
    : "it contains neither zarr.json nor .zgroup";
  const advice = [`give ${suggestion({ name, format }, hierarchy)}`, ...(wayOut ? [wayOut] : [])];
  return new UnknownFormatError(`${name} is not OME-Zarr: ${reason}; ${advice.join(", ")}`, {
    location: name,
  });
}

function suggestion({ name, format }: Pick<Store, "name" | "format">, { nodes }: Hierarchy): string {
  const folder = name.replace(/\/+$/, "");
  if (nodes.get("/")?.kind === "array") {
    const above = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
    return above === "" ? "the image that it is a level of" : `${above}, if this is a level of that image`;
  }
  // Only the highest nodes: those below an image belong to it.
  const images: string[] = [];
  for (const node of nodes.values()) {
    if (omeVersionOf(node) === undefined) continue;
    if (!images.some((path) => node.path.startsWith(`${path}/`))) images.push(node.path);
  }
  if (images.length === 0) return "the folder or archive of the image itself";
  const more = images.length > MOST_SUGGESTIONS ? `, or another of ${images.length}` : "";
  return (
    images
      .slice(0, MOST_SUGGESTIONS)
      // An image inside an archive has no path of its own.
      .map((path) => (format === "zip" ? `--path ${path.slice(1)}` : folder + path))
      .join(" or ") + more
  );
}

const MOST_SUGGESTIONS = 3;
