import type { ReadOptions } from "../bytes/byte-source.js";
import type { HttpSourceOptions } from "../bytes/http/http-source.js";
import { isOzxError, UnknownFormatError, UnsupportedError } from "../errors.js";
import { type HttpFiles, httpFiles } from "../store/http/http-files.js";
import { joinKey, keyName, parentKey } from "../store/keys.js";
import { isListed } from "../store/list.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { NODE_DOCUMENTS } from "../zarr/hierarchy.js";
import { isJsonObject, type JsonObject, parseJsonObject, stringifyJson } from "../zarr/json.js";
import type { ZarrNode } from "../zarr/node.js";
import { readNode } from "../zarr/read-node.js";
import { namedNodes } from "./named-nodes.js";

/** Each node is a request or three: more than this is no way to open an image. */
const MOST_NODES = 2000;

/**
 * Opens an OME-Zarr folder on a server. No server says what is in a folder, so its nodes are those that the
 * metadata names (consolidated metadata, or OME-Zarr's own paths); all else can be read by its key, and not be
 * listed.
 *
 * @throws UnknownFormatError when there is no Zarr node at the address
 * @throws UnsupportedError when there are too many nodes to be asked for one by one
 * @throws UnreadableError, NetworkError
 */
export async function openHttpFolder(url: string | URL, options: HttpSourceOptions = {}): Promise<Store> {
  const files = httpFiles(url, options);
  const documents = new Map<AbsolutePath, Uint8Array>();
  const store = folderStore(files, documents);
  await discover(store, files, documents, options);
  return store;
}

function folderStore(files: HttpFiles, documents: ReadonlyMap<AbsolutePath, Uint8Array>): Store {
  const { name } = files;
  const get: Store["get"] = async (key, options) => documents.get(key) ?? files.get(key, options);
  return {
    name,
    format: "directory",
    findings: [],
    get,
    getRange: files.getRange,
    async stream(key, options) {
      const value = await get(key, options);
      return value && new Blob([value as Uint8Array<ArrayBuffer>]).stream();
    },
    async *list(options) {
      if (options?.names?.every((one) => NODE_DOCUMENTS.includes(one)) !== true) {
        throw new UnsupportedError(
          `${name} is a folder on a server, and no server says what is in a folder: copy it to this computer first, or have it there as one .ozx`,
          { location: name, feature: "listing a folder on a server" },
        );
      }
      for (const [key, { length }] of documents) if (isListed(key, options)) yield { key, size: length };
    },
    async close() {},
  };
}

/** Fills `documents` with the metadata of all nodes that are named. */
async function discover(
  store: Store,
  files: HttpFiles,
  documents: Map<AbsolutePath, Uint8Array>,
  { signal }: ReadOptions,
): Promise<void> {
  const known = new Set<AbsolutePath>(["/"]);
  const remembering: Store = {
    ...store,
    async get(key, options) {
      const value = documents.get(key) ?? (await files.get(key, options));
      if (value !== undefined) documents.set(key, value);
      return value;
    },
  };
  const visit = async (path: AbsolutePath): Promise<AbsolutePath[]> => {
    const node = await readOrUndefined(remembering, path, { signal });
    if (path === "/" && node === undefined && documents.size === 0) {
      throw new UnknownFormatError(
        `${store.name} is no OME-Zarr: there is neither zarr.json nor .zgroup in it; give the address of the image itself`,
        { location: store.name },
      );
    }
    if (path === "/" && (await addConsolidated(remembering, node, documents, { signal }))) return [];
    if (node === undefined) return [];
    const { named, likely } = namedNodes(node);
    return [...named, ...likely, ...nextSeries(node, path)].filter((next) => !known.has(next));
  };
  for (let level: AbsolutePath[] = ["/"]; level.length > 0; ) {
    const found = await Promise.all(level.map(visit));
    level = [...new Set(found.flat())];
    for (const path of level) known.add(path);
    if (known.size <= MOST_NODES) continue;
    throw new UnsupportedError(
      `${store.name} has more than ${MOST_NODES} nodes, which would be as many requests: have it there as one .ozx, whose metadata comes at once`,
      { location: store.name, feature: "many nodes in a folder on a server" },
    );
  }
}

/** The series of an old collection are numbered, and nothing says how many there are. */
function nextSeries(node: ZarrNode, path: AbsolutePath): AbsolutePath[] {
  const number = /^\/(\d{1,3})$/.exec(path)?.[1];
  return number !== undefined && node.kind === "group" ? [`/${Number(number) + 1}`] : [];
}

/** A node that cannot be understood keeps its documents, and says later why. */
async function readOrUndefined(
  store: Store,
  path: AbsolutePath,
  options: ReadOptions,
): Promise<ZarrNode | undefined> {
  try {
    return await readNode(store, path, options);
  } catch (error) {
    if (isOzxError(error, "InvalidMetadata")) return undefined;
    throw error;
  }
}

/** Takes all nodes from the root's consolidated metadata, of Zarr v3 or v2. False where there is none. */
async function addConsolidated(
  store: Store,
  root: ZarrNode | undefined,
  documents: Map<AbsolutePath, Uint8Array>,
  options: ReadOptions,
): Promise<boolean> {
  if (root?.zarrFormat === 3) {
    const consolidated = root.document["consolidated_metadata"];
    const nodes = isJsonObject(consolidated) ? consolidated["metadata"] : undefined;
    if (!isJsonObject(nodes)) return false;
    for (const [path, document] of Object.entries(nodes)) {
      if (isJsonObject(document))
        documents.set(joinKey(joinKey("/", path), "zarr.json"), stringifyJson(document));
    }
    return true;
  }
  const key = "/.zmetadata";
  const bytes = root === undefined ? undefined : await store.get(key, options);
  documents.delete(key);
  const all: JsonObject =
    bytes === undefined ? {} : parseJsonObject(bytes, { location: store.name, path: ".zmetadata" });
  const metadata = all["metadata"];
  if (!isJsonObject(metadata)) return false;
  for (const [path, document] of Object.entries(metadata)) {
    const at = joinKey("/", path);
    if (isJsonObject(document) && NODE_DOCUMENTS.includes(keyName(at)) && parentKey(at) !== at) {
      documents.set(at, stringifyJson(document));
    }
  }
  return true;
}
