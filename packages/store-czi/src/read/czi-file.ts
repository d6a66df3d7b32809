import { type ByteSource, type ReadOptions, UnknownFormatError, UnsupportedError } from "@ozx/core";
import type { AttachmentEntry } from "../parse/attachment.js";
import type { DirectoryEntry } from "../parse/directory-entry.js";
import { CziFault } from "../parse/fault.js";
import { FILE_HEADER_LENGTH, type FileHeader, parseFileHeader } from "../parse/file-header.js";
import { readAttachments } from "./read-attachments.js";
import { readDirectory } from "./read-directory.js";
import { readXml } from "./read-xml.js";
import { scanSegments } from "./scan-segments.js";
import { named, type SegmentSource, unlessDamaged } from "./segment-source.js";

/** An open CZI: what its directory lists, and its metadata. */
export interface CziFile {
  readonly name: string;
  readonly source: ByteSource;
  readonly entries: readonly DirectoryEntry[];
  /** Whether it has no directory, so that its subblocks were found by their segments. */
  readonly isScanned: boolean;
  /** The XML of the metadata segment, without what fills it up; undefined where there is none. */
  readonly xml: Uint8Array | undefined;
  /** Undefined where the list of them is damaged. */
  readonly attachments: readonly AttachmentEntry[] | undefined;
}

/**
 * Opens a CZI: its header, its directory and its metadata are read, and no pixels.
 *
 * @param source stays open when it cannot be opened
 * @throws UnknownFormatError when it is not a CZI
 * @throws InvalidArchiveError when it is damaged
 * @throws UnsupportedError for a file of a set
 */
export async function openCziFile(source: ByteSource, options?: ReadOptions): Promise<CziFile> {
  const { name } = source;
  return named(source, async () => {
    const start = await source.read(0, Math.min(source.size, FILE_HEADER_LENGTH), options);
    const header = parseFileHeader(start);
    if (header === undefined) throw new UnknownFormatError(`${name} is not a CZI`, { location: name });
    if (header.part > 0) throw oneOfSeveral(name, `it is part ${header.part} of a set`);
    const from = { source, isRemote: source.readSync === undefined };
    const [found, xml, attachments] = await Promise.all([
      findEntries(from, header, options),
      header.metadata > 0 ? readXml(from, header.metadata, options) : undefined,
      header.attachments > 0 ? unlessDamaged(() => readAttachments(from, header.attachments, options)) : [],
    ]);
    const { entries } = found;
    const other = entries.find(({ part }) => part > 0);
    if (other !== undefined) throw oneOfSeveral(name, `pixels are in its part ${other.part}, another file`);
    const beyond = entries.find(({ position }) => position < 0 || position >= source.size);
    if (beyond !== undefined) {
      throw new CziFault(`has a subblock at ${beyond.position}, beyond its ${source.size} bytes`);
    }
    return { name, source, ...found, xml: xml ?? found.xml, attachments };
  });
}

async function findEntries(
  from: SegmentSource,
  { directory }: FileHeader,
  options?: ReadOptions,
): Promise<Pick<CziFile, "entries" | "isScanned" | "xml">> {
  if (directory === 0) return { ...(await scanSegments(from, options)), isScanned: true };
  return { entries: await readDirectory(from, directory, options), isScanned: false, xml: undefined };
}

function oneOfSeveral(name: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${name} cannot be read: ${why}, and CZIs of several files are not supported; save it as one file with ZEN`,
    { location: name, feature: "CZI of several files" },
  );
}
