import {
  type ByteSource,
  type Hierarchy,
  InvalidMetadataError,
  type JsonObject,
  type ReadOptions,
  readHierarchy,
  type Store,
} from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import {
  type CentralDirectory,
  findEntry,
  hasBytesAt,
  MARK_DIRECTORY,
  MARK_SHADOWED,
  nameAt,
} from "../directory/central-directory.js";
import type { ZipArchive } from "../read/archive.js";
import type { DirectoryLimit } from "../read/directory-limit.js";
import { zipStore } from "../read/zip-store.js";
import { END_SIZE, parseZip64End, ZIP64_END_SIZE, ZIP64_LOCATOR_SIZE } from "../records/end-records.js";
import { type CommentText, objectIn, readCommentText } from "../rfc9/archive-comment.js";
import { type DocumentPositions, locateDocuments, ROOT_DOCUMENT } from "../rfc9/document-order.js";
import { type CentralScan, scanCentral, scanNames } from "./scan-central.js";
import { type LocalScan, scanLocal } from "./scan-local.js";

/** The options of `checkArchive`. */
export interface CheckArchiveOptions extends ReadOptions, DirectoryLimit {
  /** Also check the CRC of every entry, which reads the whole archive. */
  readonly deep?: boolean;
  /** The file's name, which RFC-9 has a rule about; the source's by default. */
  readonly name?: string;
  /** Called with the number of entries whose headers (with `deep`, data) were checked, and bytes of data. */
  readonly onProgress?: (done: { readonly entries: number; readonly bytes: number }) => void;
}

/** What the rules check, read before the first of them. */
export interface CheckContext {
  /** The bytes of the archive, without trailing bytes. */
  readonly source: ByteSource;
  /** The number of bytes that follow the archive's end. */
  readonly trailing: number;
  readonly archive: ZipArchive;
  readonly central: CentralScan;
  readonly local: LocalScan;
  /** The `NAME_` bits of each entry. */
  readonly names: Uint8Array;
  readonly documents: DocumentPositions;
  /** The indices of entries that are neither metadata nor below an array. */
  readonly others: readonly number[];
  /** The nodes of Zarr v3 and v2 that can be read. */
  readonly hierarchy: Hierarchy;
  readonly comment: CommentScan;
  readonly options: CheckArchiveOptions;
}

/** Reads what the rules check: the directory again, every local header, every metadata document. */
export async function scanArchive(
  archive: ZipArchive,
  trailing: number,
  options: CheckArchiveOptions,
): Promise<CheckContext> {
  const central = await scanCentral(archive, options);
  const onEntries = (entries: number): void => options.onProgress?.({ entries, bytes: 0 });
  const local = await scanLocal(archive, central, { signal: options.signal, onEntries });
  const documents = locateDocuments(archive.directory, local.order);
  const hierarchy = await readDocuments(archive, options);
  return {
    source: archive.source,
    trailing,
    archive,
    central,
    local,
    documents,
    names: scanNames(archive.directory),
    others: listOthers(archive.directory, hierarchy),
    hierarchy,
    comment: await scanComment(archive, options),
    options,
  };
}

/** Larger entries are not read as metadata. */
const MAX_DOCUMENT = 64 * 1024 * 1024;

/** Reads the metadata of all nodes; those that cannot be read are among the broken nodes. */
function readDocuments(archive: ZipArchive, options?: ReadOptions): Promise<Hierarchy> {
  const store = zipStore(archive);
  const bounded: Store = {
    ...store,
    get(key, readOptions) {
      const entry = findEntry(archive.directory, key.slice(1));
      if (entry !== undefined && Math.max(entry.size, entry.compressedSize) > MAX_DOCUMENT) {
        throw new InvalidMetadataError(
          `${entry.name} in ${store.name} has ${entry.size} bytes, too many for a metadata document`,
          { location: store.name, path: key },
        );
      }
      return store.get(key, readOptions);
    },
  };
  return readHierarchy(bounded, options);
}

/** The names of Zarr v2's metadata documents. */
export const V2_NAMES: ReadonlySet<string> = new Set([".zgroup", ".zarray", ".zattrs", ".zmetadata"]);

/** The indices of entries that are neither metadata of Zarr or OME nor folders, and not below an array. */
function listOthers(directory: CentralDirectory, { nodes, broken }: Hierarchy): number[] {
  const arrays = new Set<string>();
  for (const node of nodes.values()) if (node.kind === "array") arrays.add(node.path.slice(1));
  // Entries below a broken node may be its chunks.
  for (const { path } of broken) arrays.add(path.slice(1));
  const others: number[] = [];
  if (arrays.has("")) return others;
  const { count, names, nameEnds, marks } = directory;
  let lastArray: Uint8Array | undefined;
  for (let index = 0, start = 0; index < count; index++) {
    const end = nameEnds[index] as number;
    const isSkipped = ((marks[index] as number) & (MARK_SHADOWED | MARK_DIRECTORY)) !== 0;
    if (!isSkipped && !(lastArray !== undefined && startsWith(names, start, end, lastArray))) {
      const name = nameAt(directory, index);
      const array = containing(name, arrays);
      // Consecutive names are mostly below the same array.
      if (array !== undefined) lastArray = encoder.encode(`${array}/`);
      else if (!isKnown(name)) others.push(index);
    }
    start = end;
  }
  return others;
}

function startsWith(names: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  const prefixEnd = start + prefix.length;
  return prefixEnd <= end && hasBytesAt(names, start, prefixEnd, prefix);
}

function containing(name: string, folders: ReadonlySet<string>): string | undefined {
  for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
    const folder = name.slice(0, slash);
    if (folders.has(folder)) return folder;
  }
  return undefined;
}

function isKnown(name: string): boolean {
  const last = lastSegment(name);
  return last === ROOT_DOCUMENT || V2_NAMES.has(last) || name.endsWith("OME/METADATA.ome.xml");
}

/** The part of a name after its last slash. */
export function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

const encoder = new TextEncoder();

/** An archive's comment, wherever its writer has put it. */
export interface CommentScan {
  readonly bytes: Uint8Array;
  /** Whether it is in the extensible data sector of the ZIP64 end record instead of the archive comment. */
  readonly inSector: boolean;
  readonly text: CommentText;
  /** The `ome` object. */
  readonly ome: JsonObject | undefined;
}

/** The longest sector that is read; archive comments are not longer either. */
const MAX_SECTOR = 0xffff;

async function scanComment(archive: ZipArchive, options?: ReadOptions): Promise<CommentScan> {
  const { comment } = archive.end;
  if (comment.length > 0) return commentScanOf(comment, false);
  const sector = await readSector(archive, options);
  const inSector = commentScanOf(sector, true);
  // The sector may hold other data, such as encryption keys: only JSON is a comment.
  return inSector.text.value === undefined ? commentScanOf(comment, false) : inSector;
}

function commentScanOf(bytes: Uint8Array, inSector: boolean): CommentScan {
  const text = readCommentText(bytes);
  return { bytes, inSector, text, ome: isJsonObject(text.value) ? objectIn(text.value, "ome") : undefined };
}

/**
 * The text in the extensible data sector (APPNOTE 4.3.14.2), which is a block with an id (2 bytes) and a length (4), or
 * only the text, as one Rust library writes the comment.
 */
async function readSector({ source, end }: ZipArchive, options?: ReadOptions): Promise<Uint8Array> {
  const none = new Uint8Array(0);
  if (end.zip64 === undefined) return none;
  const { offset } = end.zip64;
  const limit = source.size - END_SIZE - end.comment.length - ZIP64_LOCATOR_SIZE;
  if (limit - offset <= ZIP64_END_SIZE || limit - offset > MAX_SECTOR) return none;
  const bytes = await source.read(offset, limit - offset, options);
  const sector = bytes.subarray(ZIP64_END_SIZE, Math.min(parseZip64End(bytes).length, bytes.length));
  const brace = sector.indexOf(OPENING_BRACE);
  return brace < 0 ? none : sector.subarray(brace);
}

const OPENING_BRACE = 0x7b;
