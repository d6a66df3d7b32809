/** How the samples of a pixel type are stored; blue, green, red and alpha where there are several. */
export interface PixelType {
  readonly name: string;
  readonly kind: "uint" | "int" | "float";
  /** Bytes of a sample. */
  readonly itemSize: number;
  readonly samples: number;
}

const TYPES: ReadonlyMap<number, PixelType> = new Map([
  [0, { name: "Gray8", kind: "uint", itemSize: 1, samples: 1 }],
  [1, { name: "Gray16", kind: "uint", itemSize: 2, samples: 1 }],
  [2, { name: "Gray32Float", kind: "float", itemSize: 4, samples: 1 }],
  [3, { name: "Bgr24", kind: "uint", itemSize: 1, samples: 3 }],
  [4, { name: "Bgr48", kind: "uint", itemSize: 2, samples: 3 }],
  [8, { name: "Bgr96Float", kind: "float", itemSize: 4, samples: 3 }],
  [9, { name: "Bgra32", kind: "uint", itemSize: 1, samples: 4 }],
  [12, { name: "Gray32", kind: "int", itemSize: 4, samples: 1 }],
  [13, { name: "Gray64", kind: "float", itemSize: 8, samples: 1 }],
]);

const REFUSED: Readonly<Record<number, string>> = {
  10: "complex numbers (Gray64ComplexFloat)",
  11: "complex numbers (Bgr192ComplexFloat)",
};

/** The pixel type of a number; undefined for one that is not read. */
export function pixelTypeOf(number: number): PixelType | undefined {
  return TYPES.get(number);
}

/** What a number that is not read stands for. */
export function nameOfPixelType(number: number): string {
  return TYPES.get(number)?.name ?? REFUSED[number] ?? `pixel type ${number}`;
}

/** The compressions that are read, by their numbers. */
export const COMPRESSION = { none: 0, jpeg: 1, lzw: 2, jpegXr: 4, zstd0: 5, zstd1: 6 } as const;

const NAMES: Readonly<Record<number, string>> = {
  0: "no compression",
  1: "JPEG",
  2: "LZW",
  3: "lossless JPEG",
  4: "JPEG XR",
  5: "Zstandard",
  6: "Zstandard",
  7: "chunked data",
  8: "JPEG XL",
};

/** Whether a compression is read. */
export function isKnownCompression(number: number): boolean {
  return Object.values<number>(COMPRESSION).includes(number);
}

/** The name of a compression, in messages. */
export function nameOfCompression(number: number): string {
  if (number >= 100 && number < 1000) return `the raw data of a camera (${number})`;
  if (number >= 1000) return `the raw data of a system (${number})`;
  return NAMES[number] ?? `compression ${number}`;
}
