import { isJsonObject, type JsonObject } from "../json.js";

/** A codec by its name in Zarr v3; codecs of v2 get the name `numcodecs.…`. */
export type Codec = {
  readonly name: string;
  readonly configuration: JsonObject;
};

/** Reads a codec of a document: an object with a name (v3) or an id (v2), or, since Zarr 3.1, the bare name. */
export function codecOf(codec: unknown): Codec {
  if (typeof codec === "string") return { name: codec, configuration: {} };
  const { name, id, configuration, ...rest } = isJsonObject(codec) ? codec : ({} as JsonObject);
  if (typeof name === "string") {
    return { name, configuration: isJsonObject(configuration) ? configuration : {} };
  }
  return { name: `numcodecs.${String(id)}`, configuration: rest };
}

/** The codecs of an array of Zarr v3, as objects: also those in and of its shards. */
export function chainOf({ codecs }: JsonObject): readonly JsonObject[] {
  return codecObjects(codecs);
}

/** Codecs as objects, where since Zarr 3.1 one may be its bare name; what is neither has no name of a codec. */
export function codecObjects(codecs: unknown): readonly JsonObject[] {
  if (!Array.isArray(codecs)) return [];
  return codecs.map((codec: unknown) => {
    if (!isJsonObject(codec)) return { name: codec };
    const { configuration } = codec;
    if (!isJsonObject(configuration)) return codec;
    const lists = ["codecs", "index_codecs"].filter((member) => Array.isArray(configuration[member]));
    const objects = lists.map((member) => [member, codecObjects(configuration[member])] as const);
    return { ...codec, configuration: { ...configuration, ...Object.fromEntries(objects) } };
  });
}

/** The name of a codec without the prefix `numcodecs.`. */
export function plainName(name: string): string {
  return name.replace(/^numcodecs\./, "");
}

/** The codecs of a chunk in the order of encoding, split where elements become bytes. */
export interface CodecChain {
  /** Codecs of elements, up to the one that converts them to bytes. */
  readonly toBytes: readonly Codec[];
  /** Compressors and checksums, which do not depend on the elements. */
  readonly ofBytes: readonly Codec[];
}

/** Splits the codecs of a Zarr v3 array; undefined where `bytes` is not among them. */
export function splitChain(codecs: readonly unknown[]): CodecChain | undefined {
  const named = codecs.map(codecOf);
  const at = named.findIndex(({ name }) => name === "bytes");
  if (at < 0) return undefined;
  return { toBytes: named.slice(0, at + 1), ofBytes: named.slice(at + 1) };
}

/** The codecs of bytes that {@link decodeBytes} can decode, by their plain names. */
export const DECODABLE: ReadonlySet<string> = new Set([
  ...["blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "shuffle"],
]);

/** The plain names of the codecs of bytes that {@link decodeBytes} cannot decode. */
export function undecodable(codecs: readonly Codec[]): string[] {
  return codecs.map(({ name }) => plainName(name)).filter((name) => !DECODABLE.has(name));
}

/** Codecs that zarrita replaces by its own when it opens an array. */
const TRANSLATED: ReadonlySet<string> = new Set(["numcodecs.fixedscaleoffset"]);

/**
 * The first codec that zarrita does not know, by its plain name; undefined where it knows all.
 *
 * @param registry zarrita's, in which others can be put
 */
export function unknownCodec(
  codecs: readonly unknown[],
  registry: Pick<ReadonlyMap<string, unknown>, "has">,
): string | undefined {
  const unknown = codecs.map(codecOf).find(({ name }) => !registry.has(name) && !TRANSLATED.has(name));
  return unknown && plainName(unknown.name);
}
