import { UsageError } from "@ozx/core";
import type { Codec } from "@ozx/core/internal";
import { BLOSC_COMPRESSORS, type BloscCompressor, type BloscShuffle } from "@ozx/core/internal";

/** What chunks are to be compressed with, whatever their elements are; undefined members are chosen. */
export type CodecRequest =
  | { readonly name: "none" }
  | { readonly name: "zstd"; readonly level?: number | undefined }
  | { readonly name: "gzip"; readonly level?: number | undefined }
  | {
      readonly name: "blosc";
      readonly cname?: BloscCompressor | undefined;
      readonly clevel?: number | undefined;
      /** Bits of single bytes and bytes of all others, when it is not said. */
      readonly shuffle?: BloscShuffle | undefined;
    };

/** The codecs of Zarr v3 that a request stands for, for elements of `itemSize` bytes. */
export function requestedCodecs(request: CodecRequest, itemSize: number): readonly Codec[] {
  switch (request.name) {
    case "none":
      return [];
    case "zstd":
      return [{ name: "zstd", configuration: { level: request.level ?? 5, checksum: false } }];
    case "gzip":
      return [{ name: "gzip", configuration: { level: request.level ?? 6 } }];
    case "blosc":
      return [
        {
          name: "blosc",
          configuration: {
            typesize: itemSize,
            cname: request.cname ?? "lz4",
            clevel: request.clevel ?? 5,
            shuffle: request.shuffle ?? (itemSize === 1 ? "bitshuffle" : "shuffle"),
            blocksize: 0,
          },
        },
      ];
  }
}

/**
 * Reads a codec as people write it: `zstd:5`, `gzip:9`, `blosc`, `blosc:zstd:5:bitshuffle`, `none`.
 *
 * @throws UsageError saying what can be asked for
 */
export function parseCodecRequest(text: string): CodecRequest {
  const [name = "", ...rest] = text.trim().toLowerCase().split(":");
  const refuse = (why: string): never => {
    throw new UsageError(
      `codec ${JSON.stringify(text)} is not understood, for ${why}: ask for zstd:1 to zstd:22, gzip:0 to gzip:9, blosc:${BLOSC_COMPRESSORS.join("|")}:0-9:shuffle|bitshuffle|noshuffle, or none`,
    );
  };
  const level = (digits: string | undefined, least: number, most: number): number | undefined => {
    if (digits === undefined) return undefined;
    const value = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
    return value >= least && value <= most ? value : refuse(`${JSON.stringify(digits)} is no level`);
  };
  const oneOf = <Word extends string>(word: string | undefined, words: readonly Word[]): Word | undefined => {
    if (word === undefined) return undefined;
    return (
      words.find((known) => known === word) ??
      refuse(`${JSON.stringify(word)} is none of ${words.join(", ")}`)
    );
  };
  const atMost = (count: number): void => {
    if (rest.length > count) refuse(`${JSON.stringify(rest[count])} is one too many`);
  };
  switch (name) {
    case "none":
      atMost(0);
      return { name };
    case "zstd":
      atMost(1);
      return { name, level: level(rest[0], 1, 22) };
    case "gzip":
      atMost(1);
      return { name, level: level(rest[0], 0, 9) };
    case "blosc":
      atMost(3);
      return {
        name,
        cname: oneOf(rest[0], BLOSC_COMPRESSORS),
        clevel: level(rest[1], 0, 9),
        shuffle: oneOf(rest[2], ["noshuffle", "shuffle", "bitshuffle"]),
      };
    default:
      return refuse(`${JSON.stringify(name)} is none that can be written`);
  }
}

/** Whether two chains of codecs say the same, members that they leave out having their defaults. */
export function sameCodecs(a: readonly Codec[], b: readonly Codec[]): boolean {
  return (
    a.length === b.length && a.every((codec, k) => stringifyCodec(codec) === stringifyCodec(b[k] as Codec))
  );
}

function stringifyCodec({ name, configuration }: Codec): string {
  const complete = { ...DEFAULTS.get(name), ...configuration };
  const members = Object.entries(complete).sort(([x], [y]) => (x < y ? -1 : 1));
  return JSON.stringify([name, members]);
}

const DEFAULTS: ReadonlyMap<string, object> = new Map([
  ["zstd", { checksum: false }],
  ["blosc", { blocksize: 0 }],
]);
