import { isJsonObject, type JsonObject } from "../json.js";

/** A codec by its name in Zarr v3, its configuration apart; those of v2 get the name `numcodecs.…`. */
export type Codec = {
  readonly name: string;
  readonly configuration: JsonObject;
};

/** A codec as a document has it: with a name (v3), with an id (v2), or, since Zarr 3.1, the bare name. */
export function codecOf(codec: unknown): Codec {
  if (typeof codec === "string") return { name: codec, configuration: {} };
  const { name, id, configuration, ...rest } = isJsonObject(codec) ? codec : ({} as JsonObject);
  if (typeof name === "string") {
    return { name, configuration: isJsonObject(configuration) ? configuration : {} };
  }
  return { name: `numcodecs.${String(id)}`, configuration: rest };
}

/** The name without the prefix under which Zarr v3 knows what was numcodecs' in v2. */
export function plainName(name: string): string {
  return name.replace(/^numcodecs\./, "");
}

/** The codecs of a chunk in the order of encoding, taken apart where elements become bytes. */
export interface CodecChain {
  /** What comes before, and the one that makes bytes of elements. */
  readonly toBytes: readonly Codec[];
  /** Compressors and checksums, which move bytes whatever they mean. */
  readonly ofBytes: readonly Codec[];
}

/** Takes a chain of Zarr v3 apart; undefined where no codec that is known makes bytes of elements. */
export function splitChain(codecs: readonly unknown[]): CodecChain | undefined {
  const named = codecs.map(codecOf);
  const at = named.findIndex(({ name }) => name === "bytes");
  if (at < 0) return undefined;
  return { toBytes: named.slice(0, at + 1), ofBytes: named.slice(at + 1) };
}

/** What {@link decodeBytes} knows. */
export const DECODABLE: ReadonlySet<string> = new Set([
  ...["blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "shuffle"],
]);

/** Codecs of bytes that cannot be undone here, by name. */
export function undecodable(codecs: readonly Codec[]): string[] {
  return codecs.map(({ name }) => plainName(name)).filter((name) => !DECODABLE.has(name));
}
