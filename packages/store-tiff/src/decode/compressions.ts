/** What is known of a value of Compression. */
export interface CompressionReport {
  /** As people call it, as `LZW` or `JPEG XL`. */
  readonly name: string;
  readonly supported: boolean;
  /** Where it is not supported: why, as a sentence without its full stop. */
  readonly reason?: string | undefined;
}

/** The compressions that are decoded. */
export type CompressionName = (typeof SUPPORTED)[keyof typeof SUPPORTED];

const SUPPORTED = {
  1: "none",
  5: "LZW",
  7: "JPEG",
  8: "Deflate",
  32773: "PackBits",
  32946: "Deflate",
  33003: "JPEG 2000",
  33004: "JPEG 2000",
  33005: "JPEG 2000",
  34712: "JPEG 2000",
  34887: "LERC",
  // The numbers of Zstandard and WebP before libtiff 4.0.10.
  34926: "Zstandard",
  34927: "WebP",
  50000: "Zstandard",
  50001: "WebP",
} as const;

const FAX = "it is for black-and-white scans of paper";
const NO_LIBRARY = "there is no maintained decoder for browsers and Node";
const RARE = "it is not used by microscopes";

const REFUSED: Readonly<Record<number, readonly [name: string, reason: string]>> = {
  2: ["CCITT Huffman RLE", FAX],
  3: ["CCITT Group 3", FAX],
  4: ["CCITT Group 4", FAX],
  6: ["old-style JPEG", "its data are ambiguous, and TIFF replaced it with compression 7"],
  9: ["JBIG", FAX],
  10: ["JBIG", FAX],
  22610: ["JPEG XR (NDPI)", "it is only read in CZI"],
  32766: ["NeXT RLE", RARE],
  32771: ["CCITT RLE/W", FAX],
  32809: ["ThunderScan", RARE],
  32895: ["IT8", RARE],
  32896: ["IT8", RARE],
  32897: ["IT8", RARE],
  32898: ["IT8", RARE],
  32908: ["Pixar film", RARE],
  32909: ["Pixar log", RARE],
  32947: ["Kodak DCS", RARE],
  33007: ["JPEG in a nonstandard way", RARE],
  34661: ["JBIG", FAX],
  34676: ["SGI LogLuv", RARE],
  34677: ["SGI LogLuv", RARE],
  34892: ["lossy JPEG of DNG", RARE],
  34925: ["LZMA", NO_LIBRARY],
  34933: ["PNG", RARE],
  34934: ["JPEG XR", "it is only read in CZI"],
  48124: ["Jetraw", "its decoder is not free"],
  50002: ["JPEG XL", "the decoders for browsers return 8 bits of each sample only"],
  50013: ["Pixtiff", RARE],
  52546: ["JPEG XL", "the decoders for browsers return 8 bits of each sample only"],
  65000: ["EER electron counts", RARE],
  65001: ["EER electron counts", RARE],
  65002: ["EER electron counts", RARE],
};

/** The name of a compression that is decoded; undefined for others. */
export function compressionName(compression: number): CompressionName | undefined {
  return Object.hasOwn(SUPPORTED, compression) ? SUPPORTED[compression as keyof typeof SUPPORTED] : undefined;
}

/** What a value of Compression stands for, and whether its pixels are decoded. */
export function describeCompression(compression: number): CompressionReport {
  const name = compressionName(compression);
  if (name !== undefined) return { name, supported: true };
  const refused = Object.hasOwn(REFUSED, compression) ? REFUSED[compression] : undefined;
  if (refused !== undefined) return { name: refused[0], supported: false, reason: refused[1] };
  return { name: `compression ${compression}`, supported: false, reason: "its number is not known" };
}
