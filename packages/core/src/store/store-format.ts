import type { HttpOptions } from "../bytes/http/http-address.js";
import type { ByteSink, ByteSource, ReadOptions } from "../bytes/source-and-sink.js";
import { UnknownFormatError } from "../errors.js";
import type { Finding, Rule } from "../findings.js";
import type { Store, StoreDescriptor } from "./store.js";
import type { Progress, StoreTarget } from "./target.js";

/**
 * A container that keeps a Zarr hierarchy in one run of bytes. A new container is one new `StoreFormat` in
 * the lists of `cli` and `web`; no verb changes.
 */
export interface StoreFormat {
  /** Stable and lower case, as in `zip`. */
  readonly id: string;
  /** For people, as in `RFC-9 archive`. */
  readonly title: string;
  /** Suffixes of output names that choose this format, lower case with the dot; the first is the preferred one. */
  readonly extensions: readonly string[];
  /** Whether the bytes are of this kind, by their own marks and never by the name. */
  probe(source: ByteSource, options?: ReadOptions): Promise<boolean>;
  /** Opens the container; closing the store closes the source. */
  open(source: ByteSource, options?: StoreOptions): Promise<Store>;
  /** The Zarr format that a hierarchy must have to be written into this container; any when undefined. */
  readonly zarrFormat?: 3 | undefined;
  /** The largest entry, in bytes, that all known readers of the container read; any when undefined. */
  readonly largestEntry?: number | undefined;
  /** A target that writes a new container into a sink; undefined for containers that are only read. */
  target?(sink: ByteSink): StoreTarget;
  /**
   * For threads of Node, which open stores for themselves: the address of a module that exports this format, and the
   * name it has there. Without it, only the calling thread reads.
   */
  readonly module?: { readonly href: string; readonly name: string } | undefined;
  /** The container's own rules; those of what is in it are the same in every container. */
  readonly rules?: readonly Rule[];
  /**
   * Checks the container's own rules, of which each finding names one. What is damaged is a finding; it throws
   * only where the source itself cannot be read.
   */
  check?(source: ByteSource, options?: CheckOptions): AsyncIterable<Finding>;
}

export interface CheckOptions extends ReadOptions {
  /** Also read and check all data. */
  readonly deep?: boolean | undefined;
  /** Called now and then with what has been looked at since the start. */
  readonly onProgress?: ((done: Progress) => void) | undefined;
}

/** How a container is opened. */
export interface StoreOptions extends ReadOptions {
  /**
   * Read the whole index while opening. Otherwise a container far away that has its metadata in front may be opened
   * by these, and the rest of its index be read when a chunk is first asked for.
   */
  readonly wholeIndex?: boolean | undefined;
  /**
   * Keep the index in `SharedArrayBuffer`s, which the store's `descriptor()` hands to other threads. It is read
   * whole.
   */
  readonly shareIndex?: boolean | undefined;
  /** What a descriptor says of the store that is opened again. */
  readonly descriptor?: StoreDescriptor | undefined;
}

export interface OpenOptions extends StoreOptions {
  readonly formats: readonly StoreFormat[];
  /** For what is on a server. */
  readonly http?: HttpOptions | undefined;
}

/**
 * Opens a run of bytes with whichever format knows it. The source is closed when none does.
 *
 * @throws UnknownFormatError when no format knows the bytes
 */
export async function openContainer(source: ByteSource, options: OpenOptions): Promise<Store> {
  try {
    const format = await findFormat(source, options);
    return await format.open(source, options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * The format that knows a run of bytes.
 *
 * @throws UnknownFormatError when none does
 */
export async function findFormat(source: ByteSource, options: OpenOptions): Promise<StoreFormat> {
  for (const format of options.formats) {
    if (await format.probe(source, options)) return format;
  }
  const other = source.size === 0 ? undefined : await describeUnknownFormat(source, options);
  if (other !== undefined) {
    throw new UnknownFormatError(`${source.name} is ${other}`, { location: source.name });
  }
  throw new UnknownFormatError(
    source.size === 0
      ? `${source.name} is empty: it holds no bytes at all`
      : `${source.name} is not a ${options.formats.map((f) => f.title).join(" or a ")}: check that it is what its name says and was copied completely`,
    { location: source.name },
  );
}

/** The format that an output's name chooses by its suffix, whatever its case. */
export function formatForName(name: string, formats: readonly StoreFormat[]): StoreFormat | undefined {
  const lower = name.toLowerCase();
  return formats.find((format) => format.extensions.some((extension) => lower.endsWith(extension)));
}

/**
 * What a file is that is none of the formats that are known, by its first bytes: what people have saved under the wrong
 * name, with the way out. Undefined where it is nothing of these.
 */
export async function describeUnknownFormat(
  source: ByteSource,
  options?: ReadOptions,
): Promise<string | undefined> {
  const bytes = await source.read(0, Math.min(source.size, LONGEST), options);
  const text = new TextDecoder("latin1").decode(bytes);
  return KINDS.find(([is]) => is(text))?.[1];
}

const LONGEST = 512;

const KINDS: readonly (readonly [(text: string) => boolean, string])[] = [
  [
    (text) => /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype html|html)/i.test(text),
    "a web page (HTML): what its address gives is a page about the file, or asks to log in; download the file itself",
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
  [
    (text) => text.startsWith("\u0089HDF"),
    "an HDF5 file: convert it to OME-Zarr first, as with bioformats2raw",
  ],
  [
    (text) => ["II*\0", "II+\0", "MM\0*", "MM\0+"].includes(text.slice(0, 4)),
    "a TIFF: convert it to OME-Zarr first, as with bioformats2raw",
  ],
];
