import { memoize, readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { isOzxError, UnsupportedError } from "../errors.js";
import { member, omeMetadataOf, resolvePath } from "../ome/ome-metadata.js";
import { countOmeXmlImages, omeXmlKey } from "../ome/read-ome.js";
import { memoryStore } from "../store/memory-store.js";
import type { AbsolutePath, Store, UnlistedStore } from "../store/store.js";
import { isBelow, joinKey, keyName, unsafeReason } from "../store/store-keys.js";
import {
  isJsonObject,
  isLaxJson,
  type JsonObject,
  parseJsonObject,
  stringifyJson,
  stringifyLaxJson,
} from "../zarr/json.js";
import { largestDocument, readDocument } from "../zarr/read-document.js";
import { NODE_DOCUMENTS } from "../zarr/read-hierarchy.js";
import { readZarrNode } from "../zarr/read-node.js";
import type { ZarrFormat, ZarrNode } from "../zarr/zarr-node.js";

type Documents = Map<AbsolutePath, Uint8Array>;

/** A node that the metadata of another one names. */
interface NamedNode {
  readonly path: AbsolutePath;
  /** Unknown for the first node, which no other one names. */
  readonly kind?: "group" | "array" | undefined;
  /** Its index where images are numbered, and there are as many as exist. */
  readonly series?: number;
}

const CONCURRENT_NODES = 32;
/** The name of a node that does not exist. */
const NOWHERE = "ozx-probes-a-missing-node";
/** Each costs at least one request. */
const MAX_NODES = 1_000_000;
/** All documents together may have so many times the bytes of the largest one. */
const MAX_DOCUMENTS = 16;

/**
 * The metadata documents of a hierarchy whose store cannot be listed: from the consolidated metadata at its root,
 * which is considered complete, otherwise one by one as OME-Zarr names them: levels, labels, wells, fields, series.
 *
 * @param zarrFormat of the root, which all nodes share
 * @param options with a `prefix`, only the node there and those below it are read
 * @throws UnsupportedError when more than a million nodes are named, or their documents would fill the memory
 */
export async function namedDocuments(
  store: Store,
  zarrFormat: ZarrFormat,
  { prefix = "/", signal }: Parameters<UnlistedStore["documents"]>[0] = {},
): Promise<ReadonlyMap<AbsolutePath, Uint8Array>> {
  const options = { signal };
  const consolidated = await consolidatedDocuments(store, zarrFormat, options);
  const known = [...(consolidated ?? [])].filter(([key]) => isBelow(key, prefix));
  if (known.length > 0) return new Map(known);
  const documents: Documents = new Map();
  const seen = new Set<AbsolutePath>([prefix]);
  let first: Documents | undefined;
  let received = 0;
  const echoes = memoize(() => documentsNowhere(store, prefix, zarrFormat, options));
  const visit = async (named: NamedNode): Promise<readonly NamedNode[]> => {
    const found = await readDocuments(store, named, zarrFormat, options);
    for (const [key, bytes] of found) {
      documents.set(key, bytes);
      received += bytes.length;
    }
    if (received > MAX_DOCUMENTS * largestDocument(store)) throw tooMuch(store.name);
    first ??= found;
    // Some servers send the same document for every address, which would name nodes without end. But a label image may
    // also have the same attributes as its image.
    if (first !== found && sameAttributes(first, found) && sameAttributes(first, await echoes())) return [];
    const node = await nodeOf(store, named.path, found);
    const next = named.series === undefined || found.size === 0 ? [] : [seriesAt(named, named.series + 1)];
    return node === undefined ? next : [...next, ...(await namedBy(node, store, prefix, options))];
  };
  for (let wave: readonly NamedNode[] = [{ path: prefix }]; wave.length > 0; ) {
    const next: NamedNode[] = [];
    for await (const named of readAhead(wave, CONCURRENT_NODES, visit)) {
      for (const one of named) {
        if (!isBelow(one.path, prefix) || seen.has(one.path)) continue;
        seen.add(one.path);
        next.push(one);
      }
      if (seen.size > MAX_NODES) throw tooMany(store.name);
    }
    wave = next;
  }
  return documents;
}

/** Reads the documents of a node. Levels are arrays and all other named nodes are groups; the first can be either. */
async function readDocuments(
  store: Store,
  { path, kind }: NamedNode,
  zarrFormat: ZarrFormat,
  options?: ReadOptions,
): Promise<Documents> {
  const own = kind === undefined ? [".zarray", ".zgroup"] : [kind === "array" ? ".zarray" : ".zgroup"];
  const names = zarrFormat === 3 ? ["zarr.json"] : [...own, ".zattrs"];
  const keys = names.map((name) => joinKey(path, name));
  const values = await Promise.all(keys.map((key) => readDocument(store, key, options)));
  return new Map(
    keys.flatMap((key, index) => {
      const value = values[index];
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** The documents of a node that does not exist: none, unless the server sends a document for every address. */
function documentsNowhere(
  store: Store,
  prefix: AbsolutePath,
  zarrFormat: ZarrFormat,
  options: ReadOptions,
): Promise<Documents> {
  return readDocuments(store, { path: joinKey(prefix, NOWHERE), kind: "group" }, zarrFormat, options);
}

/** Whether two nodes have the same attributes, which their last documents contain. */
function sameAttributes(one: Documents, other: Documents): boolean {
  const [left, right] = [[...one.values()].at(-1), [...other.values()].at(-1)];
  return left !== undefined && left.length === right?.length && left.every((byte, at) => byte === right[at]);
}

function tooMany(location: string): UnsupportedError {
  return new UnsupportedError(
    `${location} names more than ${MAX_NODES} nodes, and each needs a request: copy the folder with the server's own tool first`,
    { location, feature: "very many nodes on a server" },
  );
}

function tooMuch(location: string): UnsupportedError {
  return new UnsupportedError(
    `${location} has more metadata than fits into memory: copy the folder with the server's own tool first`,
    { location, feature: "very much metadata on a server" },
  );
}

/** Parses a node; undefined where it is missing or cannot be understood, which reading the hierarchy reports. */
async function nodeOf(
  { name, maxMetadata }: Store,
  path: AbsolutePath,
  documents: Documents,
): Promise<ZarrNode | undefined> {
  try {
    return await readZarrNode({ ...memoryStore(documents, name), maxMetadata }, path);
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

/**
 * The nodes that a node's metadata names.
 *
 * @param root the root of the hierarchy, which is the only node that can be a collection
 */
async function namedBy(
  node: ZarrNode,
  store: Store,
  root: AbsolutePath,
  options?: ReadOptions,
): Promise<readonly NamedNode[]> {
  if (node.kind === "array") return [];
  const attributes = omeMetadataOf(node)?.attributes ?? node.attributes;
  const groups = (paths: readonly unknown[]): NamedNode[] => resolved(node.path, paths, "group");
  const arrays = listOf(attributes, "multiscales").flatMap((multiscale) =>
    resolved(node.path, pathsIn(multiscale, "datasets"), "array"),
  );
  const isCollection = node.path === root && Object.hasOwn(attributes, "bioformats2raw.layout");
  const isImage = Object.hasOwn(attributes, "multiscales");
  return [
    ...arrays,
    // Only the group `labels` itself tells whether an image has labels.
    ...(isImage ? groups(["labels"]) : []),
    ...groups(textsIn(attributes, "labels")),
    ...groups(pathsIn(member(attributes, "plate"), "wells")),
    ...groups(pathsIn(member(attributes, "well"), "images")),
    // The group `OME` of a bioformats2raw collection names its siblings.
    ...(node.path.endsWith("/OME") ? groups(textsIn(attributes, "series").map((name) => `../${name}`)) : []),
    ...(isCollection ? await seriesOf(node.path, store, options) : []),
  ];
}

/** As many images as the OME-XML has; without it, the first one, which leads to the others while they exist. */
async function seriesOf(path: AbsolutePath, store: Store, options?: ReadOptions): Promise<NamedNode[]> {
  const ome: NamedNode = { path: joinKey(path, "OME"), kind: "group" };
  const xml = await readDocument(store, omeXmlKey(path), options);
  const count = xml === undefined ? 0 : countOmeXmlImages(new TextDecoder().decode(xml));
  if (count === 0) return [ome, { path: joinKey(path, "0"), kind: "group", series: 0 }];
  return [
    ome,
    ...Array.from(
      { length: count },
      (_, at): NamedNode => ({ path: joinKey(path, String(at)), kind: "group" }),
    ),
  ];
}

function seriesAt({ path }: NamedNode, series: number): NamedNode {
  return { path: `${path.slice(0, path.lastIndexOf("/"))}/${series}` as AbsolutePath, kind: "group", series };
}

function resolved(base: AbsolutePath, references: readonly unknown[], kind: NamedNode["kind"]): NamedNode[] {
  return references.flatMap((reference) => {
    const path = typeof reference === "string" ? resolvePath(base, reference) : undefined;
    return path === undefined ? [] : [{ path, kind }];
  });
}

function pathsIn(value: unknown, list: string): unknown[] {
  return isJsonObject(value) ? listOf(value, list).map((entry) => member(entry, "path")) : [];
}

function textsIn(attributes: JsonObject, list: string): unknown[] {
  const value = member(attributes, list);
  return Array.isArray(value) ? value : [];
}

function listOf(value: JsonObject, list: string): JsonObject[] {
  const found = member(value, list);
  return Array.isArray(found) ? found.filter(isJsonObject) : [];
}

/**
 * All documents of a hierarchy from the copy at its root: `consolidated_metadata` in `zarr.json`, or `.zmetadata` of
 * Zarr v2. Undefined where there is no such copy, or it cannot be understood.
 */
async function consolidatedDocuments(
  store: Store,
  zarrFormat: ZarrFormat,
  options?: ReadOptions,
): Promise<ReadonlyMap<AbsolutePath, Uint8Array> | undefined> {
  const key = zarrFormat === 3 ? "/zarr.json" : "/.zmetadata";
  const bytes = await readDocument(store, key, options);
  const root = bytes && parsed(bytes, store.name, key);
  if (bytes === undefined || root === undefined) return undefined;
  const consolidated = zarrFormat === 3 ? root["consolidated_metadata"] : root;
  const metadata = isJsonObject(consolidated) ? consolidated["metadata"] : undefined;
  if (!isJsonObject(metadata)) return undefined;
  const documents = new Map<AbsolutePath, Uint8Array>();
  // Which of them NaN stood in bare is not known, so it stands so in all that have it: what is written is the same.
  const encode = isLaxJson(root) ? stringifyLaxJson : stringifyJson;
  for (const [name, document] of Object.entries(metadata)) {
    const own: AbsolutePath = zarrFormat === 3 ? joinKey(`/${name}`, "zarr.json") : `/${name}`;
    if (unsafeReason(own) !== undefined || !isJsonObject(document)) return undefined;
    if (NODE_DOCUMENTS.includes(keyName(own))) documents.set(own, encode(document));
  }
  if (zarrFormat === 3) documents.set("/zarr.json", bytes);
  return documents;
}

function parsed(bytes: Uint8Array, location: string, key: AbsolutePath): JsonObject | undefined {
  try {
    return parseJsonObject(bytes, { location, path: key.slice(1) });
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}
