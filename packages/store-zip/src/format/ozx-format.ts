import type {
  AbsolutePath,
  ByteSource,
  Finding,
  HttpOptions,
  ReadOptions,
  StoreFormat,
  StoreOptions,
} from "@ozx/core";
import { type ByteSink, findHierarchyRoot, type StoreTarget, toByteSource } from "@ozx/core/container";
import { openArchive } from "../read/archive.js";
import { readArchiveEnd } from "../read/archive-end.js";
import { CACHED_TAIL, cacheTail } from "../read/source-parts.js";
import { type ArchiveStore, archiveOptions, zipStore } from "../read/zip-store.js";
import {
  END_SIGNATURE,
  findEnds,
  MAX_END_DISTANCE,
  SPANNED_ONCE_SIGNATURE,
  SPANNED_SIGNATURE,
} from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE } from "../records/local-header.js";
import { ARCHIVE_RULES } from "../rules/archive-rules.js";
import { checkArchive } from "../rules/check-archive.js";
import { countLeading, jsonFirstStore, readHead, withDocumentsRun } from "./json-first.js";
import { ozxTarget } from "./ozx-target.js";
import { partedArchive } from "./parted-archive.js";

/** A format that writes and checks as well as reads. */
export interface OzxFormat extends StoreFormat {
  /** What RFC-9 and ZIP ask for. */
  readonly rules: NonNullable<StoreFormat["rules"]>;
  /** As in `StoreFormat`: checks those rules. */
  check: NonNullable<StoreFormat["check"]>;
  /** A target that writes a new archive into a sink. */
  target(sink: ByteSink): StoreTarget;
}

/**
 * RFC-9 `.ozx` archives, and plain zips of OME-Zarr by other tools. Reading is tolerant (Zarr v2, an image in a
 * sub-folder, deflated entries), writing is strict: images follow RFC-9, whatever the suffix. A `.zip` also takes a
 * hierarchy whose root is not OME-Zarr, which is stored as it is.
 */
export const ozxFormat: OzxFormat = {
  id: "zip",
  title: "zip archive (.ozx)",
  extensions: [".ozx", ".zip"],
  plainExtensions: [".zip"],
  probe: isZip,
  open: openOzx,
  // RFC-9 requires a zarr.json at the root.
  zarrFormat: 3,
  // Larger entries need ZIP64 fields, which tensorstore does not understand: it finds no such entry and reads nothing.
  largestEntry: 0xffff_ffff,
  target: (sink) => ozxTarget(sink),
  parts: partedArchive,
  rules: ARCHIVE_RULES,
  check: checkArchive,
};

/** The options of {@link openOzx}, besides those of every format. */
export interface OpenOzxOptions extends StoreOptions {
  /** For an address: headers that its server requires, or a `fetch` that signs requests. */
  readonly http?: HttpOptions | undefined;
  /**
   * The folder of the archive to open, as in `/image`; `/` opens any zip archive at its own root, whatever is in it.
   * By default the archive is searched for a Zarr hierarchy, and its root is opened.
   */
  readonly root?: AbsolutePath | undefined;
}

/**
 * Opens an archive as a store for zarrita, at the root of the Zarr hierarchy in it. Whole values are checked against
 * their CRC-32; ranges of values cannot be. A large remote archive whose comment claims `jsonFirst` is opened by the
 * metadata at its front, unless `wholeIndex` or `shareIndex` is set.
 *
 * Bundle it with code splitting, as Vite does by default: codecs are loaded when an array needs them.
 *
 * @example
 * const store = await openOzx(file); // a File or Blob, an http(s) address, or a ByteSource
 *
 * @param input the archive; a `ByteSource` is closed with the store, and stays open when it cannot be opened
 * @throws UsageError for other inputs
 * @throws NotFoundError, UnreadableError, NetworkError for an address
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be read
 * @throws UnknownFormatError when it contains no Zarr hierarchy
 * @throws InvalidMetadataError when it contains several
 */
export async function openOzx(
  input: ByteSource | Blob | string | URL,
  options?: OpenOzxOptions,
): Promise<ArchiveStore> {
  const source = await toByteSource(input, { ...options?.http, signal: options?.signal });
  try {
    return (await openByHead(source, options)) ?? (await openWhole(source, options));
  } catch (error) {
    // The caller cannot close a source that was created here.
    if (source !== input) await source.close();
    throw error;
  }
}

async function openByHead(
  source: ByteSource,
  options: OpenOzxOptions = {},
): Promise<ArchiveStore | undefined> {
  const { wholeIndex, shareIndex, descriptor, root = "/" } = options;
  const isWanted =
    !wholeIndex && !shareIndex && !descriptor?.shared && !descriptor?.root && folderName(root) === "";
  if (source.readSync !== undefined || !isWanted) return undefined;
  const cached = await cacheTail(source, options);
  const end = await readArchiveEnd(cached, options);
  const head = await readHead(cached, end, CACHED_TAIL, options);
  return head && jsonFirstStore(head);
}

async function openWhole(source: ByteSource, options: OpenOzxOptions = {}): Promise<ArchiveStore> {
  const archive = await openArchive(source, archiveOptions(options));
  const withRun = withDocumentsRun(archive, countLeading(archive.directory));
  const store = zipStore(withRun);
  const { root, descriptor } = options;
  const folder = folderName(root ?? descriptor?.root ?? (await findHierarchyRoot(store, options)));
  if (folder === "") return store;
  return zipStore(withRun, {
    root: `${folder}/`,
    findings: root === undefined ? [folderFinding(folder)] : [],
  });
}

/** A path in the archive without slashes around it. */
function folderName(path: string): string {
  return path.replace(/^\/|\/$/g, "");
}

function folderFinding(folder: string): Finding {
  return {
    rule: "root-zarr-json",
    level: "MUST",
    severity: "error",
    where: `/${folder}`,
    message: `The image is in the folder ${folder} of the archive and not at its root.`,
    help: "Convert it to a new .ozx, which puts it at the root.",
  };
}

/** Whether the bytes are a zip archive, by their start (even if truncated) or their end. */
async function isZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  if (source.size < 4) return false;
  const checks = [startsLikeZip, endsLikeZip];
  // For a remote source the end is cached for opening, and a read of the start would be wasted.
  if (source.readSync === undefined) checks.reverse();
  for (const check of checks) if (await check(source, options)) return true;
  return false;
}

async function startsLikeZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const signature = viewOf(await source.read(0, 4, options)).getUint32(0, true);
  return START_SIGNATURES.includes(signature);
}

/** A local header, an empty archive, the first part of a spanned archive, and one that remained the only part. */
const START_SIGNATURES: readonly number[] = [
  LOCAL_HEADER_SIGNATURE,
  END_SIGNATURE,
  SPANNED_SIGNATURE,
  SPANNED_ONCE_SIGNATURE,
];

async function endsLikeZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const length = Math.min(source.size, MAX_END_DISTANCE);
  const cached = await cacheTail(source, options);
  return findEnds(await cached.read(source.size - length, length, options)).length > 0;
}
