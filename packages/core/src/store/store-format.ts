import type { HttpOptions } from "../bytes/http/http-address.js";
import type { ByteSink, ByteSource, ReadOptions, SourceFolder } from "../bytes/source-and-sink.js";
import { UnknownFormatError } from "../errors.js";
import type { Finding, Rule } from "../findings.js";
import type { PartedIndex, PartedJob } from "./parted-job.js";
import type { Store, StoreDescriptor } from "./store.js";
import type { Progress, StoreTarget, WriteJob } from "./target.js";
import { withMaxMetadata } from "./value-limit.js";

/**
 * A container that keeps a Zarr hierarchy in one run of bytes. A new container is one new `StoreFormat` in
 * the lists of `cli` and `web`; no verb changes.
 */
export interface StoreFormat {
  /** Stable and lower case, as in `zip`. */
  readonly id: string;
  /** For people, as in `RFC-9 archive`. */
  readonly title: string;
  /** The suffixes of output names that choose this format, lower case with the dot, the preferred one first. */
  readonly extensions: readonly string[];
  /** Whether the bytes are in this format, judged by their content and never by the name. */
  probe(source: ByteSource, options?: ReadOptions): Promise<boolean>;
  /** Opens the container; closing the store closes the source. */
  open(source: ByteSource, options?: StoreOptions): Promise<Store>;
  /**
   * Opens the files of a folder as one hierarchy. Present where the format may be in several files.
   *
   * @returns undefined where the folder has no files of the format
   */
  openFolder?(folder: SourceFolder, options?: FolderOptions): Promise<Store | undefined>;
  /** The Zarr format that a hierarchy must have to be written into this container; any when undefined. */
  readonly zarrFormat?: 3 | undefined;
  /** The suffixes, of `extensions`, whose files may hold any Zarr hierarchy, whose root need not be OME-Zarr; none by default. */
  readonly plainExtensions?: readonly string[] | undefined;
  /** The largest entry, in bytes, that all known readers of the container can read; any when undefined. */
  readonly largestEntry?: number | undefined;
  /** A target that writes a new container into a sink; undefined for read-only formats. */
  target?(sink: ByteSink): StoreTarget;
  /** A job that several processes write together; undefined for containers that one process writes. */
  parts?(job: WriteJob, options?: ReadOptions): Promise<PartedJob>;
  /** Writes the index of a container whose entries several processes have written. The sink is not committed. */
  writeIndex?(index: PartedIndex, sink: ByteSink, options?: ReadOptions): Promise<void>;
  /**
   * The URL of a module that exports this format and the name of the export, so that threads of Node can open stores
   * for themselves. Without it, only the calling thread reads.
   */
  readonly module?: { readonly href: string; readonly name: string } | undefined;
  /** The container's own rules. The rules for its content are the same in every container. */
  readonly rules?: readonly Rule[];
  /**
   * Checks the container's own rules, and reports damage as findings.
   *
   * @throws UnreadableError, NetworkError, SourceChangedError where the source itself cannot be read
   */
  check?(source: ByteSource, options?: CheckOptions): AsyncIterable<Finding>;
}

/** Options of checks. */
export interface CheckOptions extends ReadOptions {
  /** Also read and check all data. */
  readonly deep?: boolean | undefined;
  /** As in {@link StoreOptions}. */
  readonly maxMetadata?: number | undefined;
  /** Called now and then with the progress since the start. */
  readonly onProgress?: ((done: Progress) => void) | undefined;
}

/** A function of a module that is run on bytes, as data that another thread can be sent. */
export interface ModuleTask {
  readonly kind: "module";
  /** The URL of the module, or the name by which workers know what loads it. */
  readonly href: string;
  /** Its export: `(bytes: Uint8Array, input) => Promise<Uint8Array>`, which returns memory of its own. */
  readonly name: string;
  /** What the function is given besides the bytes: plain data. */
  readonly input: unknown;
}

/** Where a format that decodes does so: `ChunkWorkers` are such workers. */
export interface ModuleWorkers {
  /** Runs a function of a module on bytes, which may be transferred to a thread where they are spare. */
  run(
    task: ModuleTask,
    bytes: Uint8Array,
    options?: ReadOptions & { readonly isSpare?: boolean | undefined },
  ): Promise<Uint8Array | string>;
}

/** How a container is opened. */
export interface StoreOptions extends ReadOptions {
  /**
   * Read the whole index while opening. Otherwise a remote container with its metadata at the start may be opened from
   * that alone, and the rest of its index is read with the first chunk.
   */
  readonly wholeIndex?: boolean | undefined;
  /**
   * Keep the whole index in `SharedArrayBuffer`s, which the store's `descriptor()` passes to other threads.
   */
  readonly shareIndex?: boolean | undefined;
  /** The descriptor of the store to open again. */
  readonly descriptor?: StoreDescriptor | undefined;
  /**
   * The largest metadata document that is read, in bytes; 64 MB by default. Larger ones cannot be understood. Of a
   * container on a server also the largest index, where the number of its entries does not ask for more.
   */
  readonly maxMetadata?: number | undefined;
  /**
   * What the planes of a stack are, for formats whose files need not say: `t`, or from the slowest to the fastest with
   * sizes, as in `t=10,c=2,z`.
   */
  readonly axes?: string | undefined;
  /**
   * Reads pixels that are missing or damaged, as in a truncated TIFF or a set that lacks files, as fill values, and counts
   * them in a finding; by default they are errors.
   */
  readonly allowMissing?: boolean | undefined;
  /**
   * Where a format decodes what no codec of Zarr does, such as LZW of TIFFs: by default in threads that all images share
   * in Node, and elsewhere in the calling thread. Their owner closes them, after the store.
   */
  readonly workers?: ModuleWorkers | undefined;
  /**
   * Read files of this computer by calls that block, which take a third of the time of others for a small part: for a
   * thread that has nothing else to do meanwhile. Ignored where reads cannot block.
   */
  readonly blocking?: boolean | undefined;
}

/** How the files of a folder are opened. */
export interface FolderOptions extends StoreOptions {
  /** Which files, and what the parts of their names are, as in `img_t{t}_c{c}.tif`; all files by default. */
  readonly pattern?: string | undefined;
}

/** How bytes of an unknown format are opened. */
export interface OpenOptions extends StoreOptions {
  /** The formats to try, in this order. */
  readonly formats: readonly StoreFormat[];
  /** How requests to a server are sent. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens a run of bytes with the first format that recognizes it. The source is closed on failure.
 *
 * @throws UnknownFormatError when no format recognizes the bytes
 */
export async function openContainer(source: ByteSource, options: OpenOptions): Promise<Store> {
  try {
    const format = await findFormat(source, options);
    return await openFormat(format, source, options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Opens a run of bytes in a format, with the limits of the options. */
export async function openFormat(
  format: StoreFormat,
  source: ByteSource,
  options: StoreOptions,
): Promise<Store> {
  return withMaxMetadata(await format.open(source, options), options);
}

/**
 * The format of a run of bytes.
 *
 * @throws UnknownFormatError when no format recognizes the bytes, saying what they are where that is known
 */
export async function findFormat(source: ByteSource, options: OpenOptions): Promise<StoreFormat> {
  for (const format of options.formats) {
    if (await format.probe(source, options)) return format;
  }
  throw new UnknownFormatError(await describeUnknownFormat(source, options), { location: source.name });
}

/** The format that an output's name chooses by its suffix, in upper or lower case. */
export function formatForName(name: string, formats: readonly StoreFormat[]): StoreFormat | undefined {
  const lower = name.toLowerCase();
  return formats.find((format) => format.extensions.some((extension) => lower.endsWith(extension)));
}

/** The message for a file in none of the formats: what its first bytes show, and the way out. */
async function describeUnknownFormat(source: ByteSource, options: OpenOptions): Promise<string> {
  const { name, size } = source;
  if (size === 0) return `${name} is empty: it has no bytes`;
  const bytes = await source.read(0, Math.min(size, LONGEST), options);
  // A decoder of latin1 is one of windows-1252 in browsers, where marks such as HDF5's are other letters.
  const text = String.fromCharCode(...bytes);
  const kind = KINDS.find(([is]) => is(text))?.[1];
  if (kind !== undefined) return `${name} is ${kind}`;
  const titles = options.formats.map(({ title }) => title).join(" or a ");
  return `${name} is not a ${titles}: check that it is what its name says and was copied completely`;
}

/** How many of the first bytes are looked at: the mark of a tar archive is at 257. */
const LONGEST = 512;

const CONVERT_FIRST = "convert it to OME-Zarr first, as with bioformats2raw";

/** Files that people save under the wrong name. */
const KINDS: readonly (readonly [(text: string) => boolean, string])[] = [
  [
    (text) => /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype html|html)/i.test(text),
    "a web page (HTML), such as a page about the file, or one that asks to log in: download the file itself",
  ],
  [
    // In UTF-8 or UTF-16.
    (text) => /^(?:\W{2,3})?\s*<(?:\?xml[^>]*>\s*<)?LMSDataContainerHeader/.test(text.replaceAll("\0", "")),
    "a Leica project (XLEF or XLIF), whose images are in files beside it: open those, which are .lof, .lif or .tif",
  ],
  [
    (text) => /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml/i.test(text),
    "XML, as a server's error message is: download the file again",
  ],
  [(text) => text.startsWith("\u001f\u008b"), "compressed with gzip: unpack it first, as with gunzip"],
  [
    (text) => text.startsWith("\u0028\u00b5\u002f\u00fd"),
    "compressed with zstd: unpack it first, as with unzstd",
  ],
  [(text) => text.startsWith("BZh"), "compressed with bzip2: unpack it first, as with bunzip2"],
  [(text) => text.startsWith("\u00fd7zXZ"), "compressed with xz: unpack it first, as with unxz"],
  [(text) => text.slice(257, 262) === "ustar", "a tar archive: unpack it first, as with tar -xf"],
  [(text) => text.startsWith("7z\u00bc\u00af"), "a 7-Zip archive: unpack it first"],
  [(text) => text.startsWith("Rar!"), "a RAR archive: unpack it first"],
  [(text) => text.startsWith("ZISRAW"), `a Zeiss CZI: ${CONVERT_FIRST}`],
  [(text) => text.startsWith("\u00da\u00ce\u00be\u000a"), `a Nikon ND2: ${CONVERT_FIRST}`],
  [(text) => text.startsWith("p\0\0\0") && text[8] === "*", `a Leica LIF: ${CONVERT_FIRST}`],
  [(text) => text.startsWith("\u0089PNG"), "a PNG picture, and not OME-Zarr: check its name"],
  [(text) => text.startsWith("\u00ff\u00d8\u00ff"), "a JPEG picture, and not OME-Zarr: check its name"],
  [(text) => text.startsWith("\u0089HDF"), `an HDF5 file: ${CONVERT_FIRST}`],
  [
    (text) => text.startsWith("\u00d0\u00cf\u0011\u00e0"),
    `an OLE file, as Olympus OIB and Zeiss ZVI are: ${CONVERT_FIRST}`,
  ],
  [(text) => text.slice(128, 132) === "DICM", `a DICOM file: ${CONVERT_FIRST}`],
  [(text) => text.slice(208, 212) === "MAP ", `an MRC file: ${CONVERT_FIRST}`],
  [(text) => text.slice(344, 347) === "n+1", `a NIfTI file: ${CONVERT_FIRST}`],
  [
    (text) => text.startsWith("\u0093NUMPY"),
    "a NumPy array, which has no axes: write it as OME-Zarr first, as with ome-zarr-py",
  ],
  [(text) => ["II*\0", "II+\0", "MM\0*", "MM\0+"].includes(text.slice(0, 4)), `a TIFF: ${CONVERT_FIRST}`],
];
