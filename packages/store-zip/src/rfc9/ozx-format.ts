import {
  type ByteSink,
  type ByteSource,
  type Finding,
  findRoot,
  type ReadOptions,
  type StoreFormat,
  type StoreTarget,
} from "@ozx/core";
import { openArchive } from "../read/archive.js";
import { type ZipStore, zipStore } from "../read/zip-store.js";
import { findEnds, MAX_END_DISTANCE } from "../records/end-of-central-directory.js";
import { viewOf } from "../records/fields.js";
import { ARCHIVE_RULES } from "../rules/all-rules.js";
import { checkArchive } from "../rules/check-archive.js";
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
  target: (sink) => ozxTarget(sink),
  rules: ARCHIVE_RULES,
  check: checkArchive,
};

/**
 * Opens an archive at the root of the hierarchy in it.
 *
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be read
 * @throws UnknownFormatError when there is no Zarr hierarchy in it
 * @throws InvalidMetadataError when there are several
 */
export async function openOzx(source: ByteSource, options?: ReadOptions): Promise<ZipStore> {
  const whole = zipStore(await openArchive(source, options));
  const root = await findRoot(whole, options);
  if (root === "/") return whole;
  const finding: Finding = {
    rule: "root-zarr-json",
    level: "MUST",
    severity: "error",
    where: root,
    message: `The image lies in the folder ${root.slice(1)} of the archive and not at its root.`,
    help: "Convert it to a new .ozx, which puts it at the root.",
  };
  return zipStore(whole.archive, { root: `${root.slice(1)}/`, findings: [finding] });
}

/** Whether bytes are a zip: they start like one, whole or cut short, or end like one. */
async function isZip(source: ByteSource, options?: ReadOptions): Promise<boolean> {
  if (source.size < 4) return false;
  const signature = viewOf(await source.read(0, 4, options)).getUint32(0, true);
  if (HEAD_SIGNATURES.includes(signature)) return true;
  const length = Math.min(source.size, MAX_END_DISTANCE);
  return findEnds(await source.read(source.size - length, length, options)).length > 0;
}

/** Local header, empty archive, first part of a spanned archive, and such a part that stayed the only one. */
const HEAD_SIGNATURES = [0x04034b50, 0x06054b50, 0x08074b50, 0x30304b50];
