import { UsageError } from "@ozx/core";
import {
  BLOSC_COMPRESSORS,
  type BloscCompressor,
  type BloscShuffle,
  type Codec,
  ENCODABLE,
  withSupportedLevels,
} from "@ozx/core/internal";

/** The requested compression of chunks. Members that are undefined get default values. */
export type CodecRequest =
  | { readonly name: "none" }
  | { readonly name: "zstd"; readonly level?: number | undefined }
  | { readonly name: "gzip"; readonly level?: number | undefined }
  | {
      readonly name: "blosc";
      readonly cname?: BloscCompressor | undefined;
      readonly clevel?: number | undefined;
      /** By default `bitshuffle` for elements of one byte, and `shuffle` for all others. */
      readonly shuffle?: BloscShuffle | undefined;
    };

/** The Zarr v3 codecs for a request, for elements of `itemSize` bytes. */
export function requestedCodecs(request: CodecRequest, itemSize: number): readonly Codec[] {
  switch (request.name) {
    case "none":
      return [];
    case "zstd":
      return [{ name: "zstd", configuration: { level: request.level ?? 5, checksum: true } }];
    case "gzip":
      return [{ name: "gzip", configuration: { level: request.level ?? 6 } }];
    case "blosc":
      return [
        {
          name: "blosc",
          configuration: {
            // As to c-blosc, longer elements are bytes.
            typesize: itemSize > 255 ? 1 : itemSize,
            cname: request.cname ?? "lz4",
            clevel: request.clevel ?? 5,
            shuffle: request.shuffle ?? (itemSize === 1 ? "bitshuffle" : "shuffle"),
            blocksize: 0,
          },
        },
      ];
  }
}

const CHECKSUM: Codec = { name: "crc32c", configuration: {} };

/**
 * The codecs of chunks that are encoded into shards. A chunk there is read by itself, without the CRC-32 that the archive
 * has of the whole shard: what does not notice damage itself (blosc, no compression) gets a `crc32c`. zstd with a checksum
 * and gzip do.
 */
export function codecsInShard(codecs: readonly Codec[]): readonly Codec[] {
  const last = codecs.at(-1);
  const isChecked =
    last?.name === "crc32c" ||
    last?.name === "gzip" ||
    (last?.name === "zstd" && last.configuration["checksum"]);
  return isChecked ? codecs : [...codecs, CHECKSUM];
}

/** The codecs without a checksum at their end, which other codecs do not depend on. */
export function withoutChecksum(codecs: readonly Codec[]): readonly Codec[] {
  return codecs.at(-1)?.name === "crc32c" ? codecs.slice(0, -1) : codecs;
}

/**
 * The codecs of an array with everything that encoding needs, where a document may leave it out, and levels that they
 * have; zstd with a checksum. Undefined where one of them cannot be encoded.
 */
export function codecsToEncode(codecs: readonly Codec[]): readonly Codec[] | undefined {
  if (!codecs.every(isEncodable)) return undefined;
  const supported = withSupportedLevels({ codecs })["codecs"] as readonly Codec[];
  return supported.map(({ name, configuration }) => ({
    name,
    configuration: { ...NEEDED[name], ...configuration, ...(name === "zstd" && { checksum: true }) },
  }));
}

function isEncodable({ name, configuration }: Codec): boolean {
  const compressors: readonly unknown[] = BLOSC_COMPRESSORS;
  return ENCODABLE.has(name) && (name !== "blosc" || compressors.includes(configuration["cname"]));
}

const NEEDED: Readonly<Record<string, Codec["configuration"]>> = {
  gzip: { level: 6 },
  zstd: { level: 5 },
  blosc: { clevel: 5, shuffle: "noshuffle", typesize: 1 },
};

const SUPPORTED = `zstd:1 to zstd:22, gzip:0 to gzip:9, blosc:${BLOSC_COMPRESSORS.join("|")}:0-9:shuffle|bitshuffle|noshuffle, or none`;

/**
 * Parses a codec as the command line spells it: `zstd:5`, `gzip:9`, `blosc`, `blosc:zstd:5:bitshuffle`, `none`.
 *
 * @throws UsageError listing the supported codecs
 */
export function parseCodecRequest(text: string): CodecRequest {
  const [name = "", ...rest] = text.trim().toLowerCase().split(":");
  const refuse = (why: string): never => {
    throw new UsageError(`codec ${JSON.stringify(text)}: ${why}; ask for ${SUPPORTED}`);
  };
  const level = (digits: string | undefined, least: number, most: number): number | undefined => {
    if (digits === undefined) return undefined;
    const value = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
    if (value >= least && value <= most) return value;
    return refuse(`invalid compression level ${JSON.stringify(digits)} (${name} takes ${least} to ${most})`);
  };
  const oneOf = <Word extends string>(word: string | undefined, words: readonly Word[]): Word | undefined => {
    if (word === undefined) return undefined;
    return (
      words.find((known) => known === word) ??
      refuse(`${JSON.stringify(word)} is not one of ${words.join(", ")}`)
    );
  };
  const refuseMoreThan = (count: number): void => {
    if (rest.length > count) refuse(`unexpected part ${JSON.stringify(rest[count])}`);
  };
  switch (name) {
    case "none":
      refuseMoreThan(0);
      return { name };
    case "zstd":
      refuseMoreThan(1);
      return { name, level: level(rest[0], 1, 22) };
    case "gzip":
      refuseMoreThan(1);
      return { name, level: level(rest[0], 0, 9) };
    case "blosc":
      refuseMoreThan(3);
      return {
        name,
        cname: oneOf(rest[0], BLOSC_COMPRESSORS),
        clevel: level(rest[1], 0, 9),
        shuffle: oneOf(rest[2], ["noshuffle", "shuffle", "bitshuffle"]),
      };
    default:
      return refuse(`${JSON.stringify(name)} is not a supported codec`);
  }
}

/**
 * Whether two chains of codecs are equal, with defaults for missing members. With a checksum and without one they are: for
 * that alone nothing is encoded again.
 */
export function sameCodecs(a: readonly Codec[], b: readonly Codec[]): boolean {
  const [one, other] = [withoutChecksum(a), withoutChecksum(b)];
  return (
    one.length === other.length &&
    one.every((codec, k) => stringifyCodec(codec) === stringifyCodec(other[k] as Codec))
  );
}

function stringifyCodec({ name, configuration }: Codec): string {
  const { checksum, ...rest } = configuration;
  const complete = { ...DEFAULTS.get(name), ...(name === "zstd" ? rest : configuration) };
  const members = Object.entries(complete).sort(([x], [y]) => (x < y ? -1 : 1));
  return JSON.stringify([name, members]);
}

/** Members that a document may leave out. */
const DEFAULTS: ReadonlyMap<string, object> = new Map([["blosc", { blocksize: 0 }]]);
