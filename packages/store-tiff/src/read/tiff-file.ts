import {
  type ByteSource,
  CorruptDataError,
  type OzxError,
  type ReadOptions,
  UnknownFormatError,
  UnsupportedError,
} from "@ozx/core";
import { createCache, damagedFile } from "@ozx/virtual";
import { TiffFault, UnsupportedFault } from "../parse/fault.js";
import { HEADER_LENGTH, parseHeader, type TiffHeader } from "../parse/header.js";
import { entryOf, formOf, type Ifd, ifdLength, inlineBytes, parseIfd, type TagEntry } from "../parse/ifd.js";
import { describePage, PAGE_TAGS, type Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import { readNumbers, readText } from "../parse/values.js";
import { withHighHalves } from "./high-halves.js";
import { type PageTable, readPageTable } from "./page-table.js";
import { createWindowReader, type WindowReader } from "./windows.js";

/** An open TIFF. Pages are read when they are needed; nothing shares a position in the file. */
export interface TiffFile {
  /** In messages. */
  readonly name: string;
  readonly source: ByteSource;
  readonly header: TiffHeader;
  readonly windows: WindowReader;
  /** The pages of the chain that starts in the header: their offsets, in columns. Read once. */
  pages(options?: ReadOptions): Promise<PageTable>;
  /** The IFD at an offset. */
  ifd(offset: number, options?: ReadOptions): Promise<Ifd>;
  /** The page that the IFD at an offset describes. */
  page(offset: number, options?: ReadOptions): Promise<Page>;
  /** The bytes of a field's values. */
  bytes(entry: TagEntry, options?: ReadOptions): Promise<Uint8Array>;
  /** The first bytes of a field's values, which are bytes or text; all of them where there are fewer than `most`. */
  firstBytes(entry: TagEntry, most: number, options?: ReadOptions): Promise<Uint8Array>;
  /** The numbers of an IFD's field; undefined where it has none. */
  numbers(ifd: Ifd, tag: number, options?: ReadOptions): Promise<Float64Array | undefined>;
  /** The text of an IFD's field; undefined where it has none, or an empty one. */
  text(ifd: Ifd, tag: number, options?: ReadOptions): Promise<string | undefined>;
  /** The error for what is wrong with the file, as the end of a sentence about it. */
  fault(what: string, cause?: unknown): OzxError;
  close(): Promise<void>;
}

/** Pages in memory, each a few hundred bytes. */
const CACHED_PAGES = 2048;
/** The longest field that is read whole: metadata of screens has hundreds of megabytes. */
const LONGEST_FIELD = 1024 * 1024 * 1024;

/** Options of {@link openTiffFile}. */
export interface OpenFileOptions extends ReadOptions {
  /** Whether there are many such files, so that each may take little memory. */
  readonly isOneOfMany?: boolean | undefined;
}

/**
 * Opens a TIFF: reads its header.
 *
 * @throws UnknownFormatError when it is not a TIFF
 * @throws InvalidArchiveError when it is damaged
 */
export async function openTiffFile(source: ByteSource, options?: OpenFileOptions): Promise<TiffFile> {
  const { name } = source;
  const fault = (what: string, cause?: unknown): OzxError => damagedFile(source, what, cause);
  const named = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof UnsupportedFault) throw unsupported(name, error);
      throw error instanceof TiffFault ? fault(error.message, error) : error;
    }
  };
  const windows = createWindowReader(source, options?.isOneOfMany);
  const parsed = await named(async () =>
    parseHeader((await windows.load(0, HEADER_LENGTH, options)).subarray(0, HEADER_LENGTH)),
  );
  if (parsed === undefined) throw new UnknownFormatError(`${name} is not a TIFF`, { location: name });
  const header = await withHighHalves(parsed, windows, source.size, options);

  const pages = createCache<number, Page>(options?.isOneOfMany ? 4 : CACHED_PAGES);
  let table: Promise<PageTable> | undefined;
  const file: TiffFile = {
    name,
    source,
    header,
    windows,
    pages(options) {
      table ??= named(() => readPageTable(windows, header, options)).catch((error: unknown) => {
        table = undefined;
        throw error;
      });
      return table;
    },
    ifd: (offset, options) => named(() => readIfd(windows, header, offset, source.size, options)),
    page: (offset, options) =>
      named(async () => {
        const known = pages.get(offset);
        if (known !== undefined) return known;
        const page = await readPage(file, await file.ifd(offset, options), options);
        pages.set(offset, page);
        return page;
      }),
    async bytes(entry, options) {
      const { at, length, tag } = entry;
      if (at + length > source.size) {
        throw fault(`ends before the values of its tag ${tag}, which are ${length} bytes at ${at}`);
      }
      if (length > LONGEST_FIELD) throw fault(`has ${length} bytes of values of the tag ${tag}`);
      // What is long is read once, and would only push the windows aside.
      if (length > 1024 * 1024)
        return windows.peek(at, length)?.subarray(0, length) ?? source.read(at, length, options);
      return (await windows.load(at, length, options)).subarray(0, length);
    },
    firstBytes(entry, most, options) {
      const length = Math.min(entry.length, most);
      return file.bytes({ ...entry, length, count: length }, options);
    },
    async numbers(ifd, tag, options) {
      const entry = entryOf(ifd, tag);
      if (entry === undefined) return undefined;
      const bytes = inlineBytes(ifd, entry) ?? (await file.bytes(entry, options));
      return readNumbers(bytes, entry.type, header.littleEndian);
    },
    async text(ifd, tag, options) {
      const entry = entryOf(ifd, tag);
      if (entry === undefined || entry.count === 0) return undefined;
      return readText(inlineBytes(ifd, entry) ?? (await file.bytes(entry, options))) || undefined;
    },
    fault,
    close: () => source.close(),
  };
  return file;
}

function unsupported(name: string, { feature, message }: UnsupportedFault): UnsupportedError {
  return new UnsupportedError(
    `${name} cannot be read: it ${message}; save it without that from the program that wrote it`,
    { location: name, feature },
  );
}

async function readIfd(
  windows: WindowReader,
  header: TiffHeader,
  offset: number,
  size: number,
  options?: ReadOptions,
): Promise<Ifd> {
  const { count } = formOf(header);
  if (offset + count > size) throw new TiffFault(`has an IFD at ${offset}, beyond its ${size} bytes`);
  const start = windows.peek(offset, count) ?? (await windows.load(offset, count, options));
  const length = ifdLength(start, header);
  if (offset + length > size) throw new TiffFault(`ends within its IFD at ${offset}`);
  const bytes = start.length >= length ? start : await windows.load(offset, length, options);
  // A copy, since it would keep the whole window in memory.
  return parseIfd(bytes.slice(0, length), offset, header);
}

async function readPage(file: TiffFile, ifd: Ifd, options?: ReadOptions): Promise<Page> {
  const values = new Map<number, Float64Array>();
  const wanted = ifd.entries.filter(({ tag, length }) => PAGE_TAGS.includes(tag) && length > 0);
  await Promise.all(
    wanted.map(async (entry) => {
      // One number each sample is the longest of them.
      if (values.has(entry.tag) || entry.count > 65_535) return;
      const bytes = inlineBytes(ifd, entry) ?? (await file.bytes(entry, options));
      values.set(entry.tag, readNumbers(bytes, entry.type, file.header.littleEndian));
    }),
  );
  const page = describePage(ifd, values);
  return (await hasMisnamedColours(file, page, options)) ? { ...page, photometric: RGB } : page;
}

/** Values of PhotometricInterpretation and Compression. */
const RGB = 2;
const YCBCR = 6;
const JPEG = 7;

/** Whether planes are red, green and blue that are called YCbCr, as Bio-Formats writes JPEG. */
async function hasMisnamedColours(file: TiffFile, page: Page, options?: ReadOptions): Promise<boolean> {
  const { compression, photometric, planar, ifd } = page;
  if (compression !== JPEG || photometric !== YCBCR || !planar) return false;
  return (await file.text(ifd, TAG.Software, options))?.includes("Bio-Formats") === true;
}

/**
 * The error for pixels that cannot be read.
 *
 * @param what the plane and what is wrong with it, as in `plane t=1 has a strip that is truncated`
 */
export function corruptPlane(
  file: Pick<TiffFile, "name" | "source">,
  what: string,
  options?: { readonly cause?: unknown },
): OzxError {
  file.source.checkUnchanged?.();
  return new CorruptDataError(
    `${file.name} is damaged or was not copied completely: ${what}`,
    { location: file.name },
    options,
  );
}
