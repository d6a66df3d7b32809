import { InvalidMetadataError } from "../errors.js";
import { type ChunkCodec, type Codecs, loadCodecs } from "./codecs.js";
import type { DecodedSize } from "./size.js";

/** What zarrita tells a codec about the chunks of an array. */
interface ChunkMetadata {
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly codecs: readonly { readonly name: string; readonly configuration?: unknown }[];
}

type Configuration = Readonly<Record<string, unknown>>;

/** A codec as zarrita's registry has them. */
interface RegisteredCodec {
  readonly kind: "bytes_to_bytes";
  encode(bytes: Uint8Array): Promise<Uint8Array>;
  decode(bytes: Uint8Array): Uint8Array;
  computeEncodedSize?(decodedSize: number): number;
}

interface CodecEntry {
  readonly kind: "bytes_to_bytes";
  fromConfig(configuration: unknown, meta: ChunkMetadata | undefined): RegisteredCodec;
}

/** zarrita's `registry`, as far as it is used here. */
export interface CodecRegistry {
  /** Has a codec loaded under a name, in place of what was registered before. */
  set(name: string, load: () => Promise<never>): unknown;
}

/** Chunks of texts, whose sizes their array does not tell, come to no more than this. */
const LARGEST = 1024 * 1024 * 1024;

/** Each codec by its configuration in Zarr v2 or v3. */
const CODECS: Readonly<Record<string, (codecs: Codecs, configuration: Configuration) => Bound>> = {
  blosc: ({ blosc }, { typesize, cname, clevel, shuffle, blocksize }) =>
    bind(blosc, {
      typesize: Number(typesize ?? 1),
      cname: cname === "zstd" || cname === "zlib" ? cname : "lz4",
      clevel: Number(clevel ?? 5),
      shuffle: shuffleOf(shuffle),
      blocksize: Number(blocksize ?? 0),
    }),
  zstd: ({ zstd }, { level, checksum }) =>
    bind(zstd, { level: Number(level ?? 0), checksum: checksum === true }),
  gzip: ({ gzip }, { level }) => bind(gzip, { level: Number(level ?? 1) }),
  zlib: ({ zlib }, { level }) => bind(zlib, { level: Number(level ?? 1) }),
  lz4: ({ lz4 }, { acceleration }) => bind(lz4, { acceleration: Number(acceleration ?? 1) }),
  crc32c: ({ crc32c }) => bind(crc32c, undefined),
  shuffle: ({ shuffle }, { elementsize }) => bind(shuffle(Number(elementsize ?? 4)), undefined),
};

/** Names under which zarrita asks: those of Zarr v3, and those that it makes of numcodecs' in v2. */
const NAMES = Object.keys(CODECS).flatMap((name) =>
  name === "shuffle" || name === "crc32c" ? [] : [name, `numcodecs.${name}`],
);

/**
 * Puts these codecs into zarrita's registry in place of its own, for every array that is opened from then on. They know
 * from the array how large its chunks are, and refuse what decodes to anything else.
 *
 * @param registry zarrita's
 * @example
 * import { registry } from "zarrita";
 * registerCodecs(registry);
 */
export function registerCodecs(registry: CodecRegistry): void {
  for (const name of [...NAMES, "crc32c", "numcodecs.shuffle"]) {
    registry.set(name, (async () => entryOf(name, await loadCodecs())) as () => Promise<never>);
  }
}

interface Bound {
  decode(bytes: Uint8Array, size: DecodedSize): Uint8Array;
  encode(bytes: Uint8Array): Promise<Uint8Array>;
}

function bind<Options>(codec: ChunkCodec<Options>, options: Options): Bound {
  return { decode: codec.decode, encode: (bytes) => codec.encode(bytes, options) };
}

function entryOf(name: string, codecs: Codecs): CodecEntry {
  const plain = name.replace(/^numcodecs\./, "");
  const make = CODECS[plain];
  if (make === undefined) throw new TypeError(`no codec ${name}`);
  return {
    kind: "bytes_to_bytes",
    fromConfig(configuration, meta) {
      const { decode, encode } = make(codecs, isConfiguration(configuration) ? configuration : {});
      const size = decodedSize(name, configuration, meta);
      return {
        kind: "bytes_to_bytes",
        encode,
        decode: (bytes) => aligned(decode(bytes, size)),
        // The index of a shard has a checksum, and its size must be known.
        ...(plain === "crc32c" ? { computeEncodedSize: (length: number) => length + 4 } : {}),
      };
    },
  };
}

/** zarrita makes typed arrays of what it gets, which have to start at a multiple of their elements' size. */
function aligned(bytes: Uint8Array): Uint8Array {
  // Not by `slice`, which of a Buffer shares its memory.
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

function isConfiguration(value: unknown): value is Configuration {
  return typeof value === "object" && value !== null;
}

/**
 * What a codec decodes to: the chunk where it is the first one behind its bytes, and at most a little more where
 * another codec lies between.
 */
function decodedSize(name: string, configuration: unknown, meta: ChunkMetadata | undefined): DecodedSize {
  const itemSize = meta === undefined ? undefined : itemSizeOf(meta.dataType);
  if (meta === undefined || itemSize === undefined) return { atMost: LARGEST };
  const size = meta.shape.reduce((product, extent) => product * extent, itemSize);
  if (!Number.isSafeInteger(size)) {
    throw new InvalidMetadataError(`Chunks of ${meta.shape.join(" × ")} elements are too large to decode.`, {
      location: "array",
    });
  }
  // zarrita hands on the very configuration of the list; which codec it is, its place tells.
  const ofBytes = meta.codecs.slice(meta.codecs.findIndex((codec) => codec.name === "bytes") + 1);
  const same = ofBytes.findIndex((codec) => codec.name === name && codec.configuration === configuration);
  const position = ofBytes.slice(0, Math.max(same, 0)).filter((codec) => isOfBytes(codec.name)).length;
  if (same < 0) return { atMost: encodedBound(size, ofBytes.length) };
  return position === 0 ? size : { atMost: encodedBound(size, position) };
}

function isOfBytes(name: string): boolean {
  return name.replace(/^numcodecs\./, "") in CODECS;
}

/** The most that codecs make of bytes that they cannot compress. */
function encodedBound(size: number, codecs: number): number {
  return size + codecs * (64 + Math.ceil(size / 64));
}

/** Bytes of an element of a data type as zarrita names them; undefined for texts and objects. */
function itemSizeOf(dataType: string): number | undefined {
  if (dataType === "bool") return 1;
  const [, bits] = /^(?:u?int|float)(8|16|32|64)$/.exec(dataType) ?? [];
  if (bits !== undefined) return Number(bits) / 8;
  const [, kind, length] = /^v2:([US])(\d+)$/.exec(dataType) ?? [];
  return kind === undefined ? undefined : Number(length) * (kind === "U" ? 4 : 1);
}

/** Names in v3, numbers in v2: −1 is numcodecs' choice by the size of elements, which a v2 document does not tell. */
function shuffleOf(shuffle: unknown): "noshuffle" | "shuffle" | "bitshuffle" {
  if (shuffle === "bitshuffle" || shuffle === 2) return "bitshuffle";
  return shuffle === "noshuffle" || shuffle === 0 ? "noshuffle" : "shuffle";
}
