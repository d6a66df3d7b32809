import {
  type ByteSink,
  type ByteSource,
  type Finding,
  findHierarchyRoot,
  type HttpOptions,
  type ReadOptions,
  type StoreFormat,
  type StoreOptions,
  type StoreTarget,
  toByteSource,
} from "@ozx/core";
import { openArchive } from "../read/archive.js";
import { readArchiveEnd } from "../read/archive-end.js";
import { CACHED_TAIL, cacheTail } from "../read/source-parts.js";
import { type ArchiveStore, archiveOptions, zipStore } from "../read/zip-store.js";
import { findEnds, MAX_END_DISTANCE } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { ARCHIVE_RULES } from "../rules/archive-rules.js";
import { checkArchive } from "../rules/check-archive.js";
import { countLeading, jsonFirstStore, readHead, withDocumentsRun } from "./json-first.js";
import { ozxTarget } from "./ozx-target.js";

/**
 * RFC-9 `.ozx` archives, and plain zips of OME-Zarr by other tools: reading is tolerant (Zarr v2 inside, the
 * root in a sub-folder, deflated entries), writing is strict.
 */
export const ozxFormat: StoreFormat & { target(sink: ByteSink): StoreTarget } = {
  id: "zip",
  title: "zip archive (.ozx)",
  extensions: [".ozx", ".zip"],
  probe: isZip,
  open: openOzx,
  // RFC-9 demands a zarr.json at the root.
  zarrFormat: 3,
  // Larger ones need Zip64 fields, which tensorstore does not understand: it finds no such entry and reads nothing.
  largestEntry: 0xffff_ffff,
  target: (sink) => ozxTarget(sink),
  rules: ARCHIVE_RULES,
  check: checkArchive,
};

export interface OpenOzxOptions extends StoreOptions {
  /** For an address: headers that its server wants, a `fetch` that signs. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens an archive at the root of the hierarchy in it. A large one far away whose comment claims `jsonFirst` is
 * opened by the metadata at its front, unless `wholeIndex` or `shareIndex` is set.
 *
 * Bundle what uses it with code splitting, as Vite does by itself: codecs and the like are loaded when they are needed.
 *
 * @example
 * const store = await openOzx(file); // a File or Blob, an http(s) address, or a ByteSource
 *
 * @throws UsageError for what bytes cannot be read from
 * @throws NotFoundError, UnreadableError, NetworkError for an address
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be read
 * @throws UnknownFormatError when there is no Zarr hierarchy in it
 * @throws InvalidMetadataError when there are several
 */
export async function openOzx(
  given: ByteSource | Blob | string | URL,
  options?: OpenOzxOptions,
): Promise<ArchiveStore> {
  const source = await toByteSource(given, { ...options?.http, signal: options?.signal });
  try {
    return await openSource(source, options);
  } catch (error) {
    // What was opened here, nobody else could close.
    if (source !== given) await source.close();
    throw error;
  }
}

async function openSource(source: ByteSource, options?: StoreOptions): Promise<ArchiveStore> {
  const byHead = await openByHead(source, options);
  if (byHead !== undefined) return byHead;
  const archive = await openArchive(source, archiveOptions(options));
  const inFront = withDocumentsRun(archive, countLeading(archive.directory));
  const whole = zipStore(inFront);
  const root = options?.descriptor?.root ?? (await findHierarchyRoot(whole, options)).slice(1);
  if (root === "") return whole;
  const folder = root.endsWith("/") ? root.slice(0, -1) : root;
  return zipStore(inFront, { root: `${folder}/`, findings: [inFolder(folder)] });
}

async function openByHead(source: ByteSource, options: StoreOptions = {}): Promise<ArchiveStore | undefined> {
  const { wholeIndex, shareIndex, descriptor } = options;
  const wanted = !wholeIndex && !shareIndex && !descriptor?.shared && !descriptor?.root;
  if (source.readSync !== undefined || !wanted) return undefined;
  const keeping = await cacheTail(source, options);
  const end = await readArchiveEnd(keeping, options);
  const head = await readHead(keeping, end, CACHED_TAIL, options);
  return head && jsonFirstStore(head);
}

function inFolder(folder: string): Finding {
  return {
    rule: "root-zarr-json",
    level: "MUST",
    severity: "error",
    where: `/${folder}`,
    message: `The image lies in the folder ${folder} of the archive and not at its root.`,
    help: "Convert it to a new .ozx, which puts it at the root.",
  };
}

/** Whether bytes are a zip: they start like one, whole or cut short, or end like one. */
async function isZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  if (source.size < 4) return false;
  const checks = [startsLikeZip, endsLikeZip];
  // Where reads cost, the end is kept for opening; the start would be a read for nothing.
  if (source.readSync === undefined) checks.reverse();
  for (const check of checks) if (await check(source, options)) return true;
  return false;
}

async function startsLikeZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const signature = viewOf(await source.read(0, 4, options)).getUint32(0, true);
  return HEAD_SIGNATURES.includes(signature);
}

async function endsLikeZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  const length = Math.min(source.size, MAX_END_DISTANCE);
  const keeping = await cacheTail(source, options);
  return findEnds(await keeping.read(source.size - length, length, options)).length > 0;
}

/** Local header, empty archive, first part of a spanned archive, and such a part that stayed the only one. */
const HEAD_SIGNATURES = [0x04034b50, 0x06054b50, 0x08074b50, 0x30304b50];
