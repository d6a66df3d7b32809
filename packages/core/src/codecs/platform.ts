/** Node's zlib as far as it is used here; its zstd is there from Node 22.15 on. */
export interface PlatformZlib {
  gunzipSync(bytes: Uint8Array, options: object): unknown;
  inflateSync(bytes: Uint8Array, options: object): unknown;
  gzipSync(bytes: Uint8Array, options: object): Uint8Array;
  deflateSync(bytes: Uint8Array, options: object): Uint8Array;
  zstdDecompressSync?(bytes: Uint8Array, options: object): Uint8Array;
  zstdCompressSync?(bytes: Uint8Array, options: object): Uint8Array;
  readonly constants: Readonly<Record<string, number>>;
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

type Surround = <T>(call: () => T) => T;

let surround: Surround = (call) => call();

/** Has every call of {@link platformZlib} made by a function, from now on. */
export function surroundPlatformZlib(by: Surround): void {
  surround = by;
}

/** The platform's own zlib; undefined in browsers. Asked for at run time, so that bundles for pages leave it out. */
export function platformZlib(): PlatformZlib | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  const zlib = process?.getBuiltinModule?.("node:zlib") as PlatformZlib | undefined;
  if (zlib === undefined) return undefined;
  const { gunzipSync, inflateSync, gzipSync, deflateSync, zstdDecompressSync, zstdCompressSync } = zlib;
  return {
    gunzipSync: surrounded(gunzipSync),
    inflateSync: surrounded(inflateSync),
    gzipSync: surrounded(gzipSync),
    deflateSync: surrounded(deflateSync),
    ...(zstdDecompressSync && { zstdDecompressSync: surrounded(zstdDecompressSync) }),
    ...(zstdCompressSync && { zstdCompressSync: surrounded(zstdCompressSync) }),
    constants: zlib.constants,
  };
}

function surrounded<Result>(call: (bytes: Uint8Array, options: object) => Result): typeof call {
  return (bytes, options) => surround(() => call(bytes, options));
}

/** How zlib hands out its result: at once where the size is known, which is faster than by 16 KiB. */
export function outputOptions(most: number): {
  readonly chunkSize: number;
  readonly maxOutputLength: number;
} {
  // One byte more shows that there would be more; 64 is zlib's least.
  return { chunkSize: Math.min(Math.max(most, 64), LARGEST_PIECE), maxOutputLength: Math.max(most, 1) };
}

/** Larger pieces come from memory that is new each time, which costs more than it saves. */
const LARGEST_PIECE = 4 * 1024 * 1024;

/** Whether zlib stopped because more came out than was allowed. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}
