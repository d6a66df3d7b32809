import type { CodecName } from "../fault.js";
import { DamagedChunkError, faultError, TOO_MUCH } from "../fault.js";

/** What wasm/assembly/index.ts exports. Addresses are those of {@link Engine.layOut}. */
export interface Instance {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapStart(): number;
  slack(): number;
  bloscBlocks(
    frame: number,
    first: number,
    count: number,
    to: number,
    scratch: number,
    scratch2: number,
  ): number;
  lz4(from: number, length: number, to: number, size: number): number;
  lz4Encode(from: number, length: number, to: number, acceleration: number): number;
  lzw(from: number, length: number, to: number, room: number, oldStyle: number): number;
  zstd(from: number, length: number, to: number, room: number): number;
  zlib(from: number, length: number, to: number, room: number): number;
  gzip(from: number, length: number, to: number, room: number): number;
  crc32c(at: number, length: number): number;
  xxh64(at: number, length: number): number;
  shuffle(from: number, to: number, length: number, itemSize: number): void;
  unshuffle(from: number, to: number, length: number, itemSize: number): void;
  bitShuffle(from: number, to: number, scratch: number, length: number, itemSize: number): void;
}

/** `simd` is WebAssembly; `plain` is JavaScript made of the same source. */
export type EngineKind = "simd" | "plain";

/** Memory above this is given back after a call, so that one large chunk does not stay for good. */
const KEPT_BYTES = 32 * 1024 * 1024;
const PAGE = 64 * 1024;
/** Addresses have 32 bits, and the engine counts sizes in 31. */
const LARGEST = 2 ** 31 - PAGE;

/**
 * The decoders with their memory. All calls are synchronous and nothing is kept between them, so that one engine serves
 * a whole thread.
 */
export class Engine {
  readonly kind: EngineKind;
  readonly #instantiate: () => Instance;
  #instance: Instance | undefined;
  #heap = new Uint8Array(0);

  constructor(kind: EngineKind, instantiate: () => Instance) {
    this.kind = kind;
    this.#instantiate = instantiate;
  }

  get instance(): Instance {
    this.#instance ??= this.#instantiate();
    return this.#instance;
  }

  /** All memory as it is now; {@link layOut} may replace it. */
  get heap(): Uint8Array {
    const { buffer } = this.instance.memory;
    if (this.#heap.buffer !== buffer) this.#heap = new Uint8Array(buffer);
    return this.#heap;
  }

  /**
   * Makes room for regions of these lengths, with slack around each, and gives their addresses.
   *
   * @throws DamagedChunkError where it is more than can be addressed or the system has
   */
  layOut(codec: CodecName, ...lengths: number[]): number[] {
    const { instance } = this;
    const slack = instance.slack();
    let end = instance.heapStart() + slack;
    const addresses = lengths.map((length) => {
      const at = end;
      // Multiples of 16, for what copies words.
      end += Math.ceil((length + 2 * slack) / 16) * 16;
      return at;
    });
    const missing = end - instance.memory.buffer.byteLength;
    if (missing <= 0) return addresses;
    try {
      if (end > LARGEST || instance.memory.grow(Math.ceil(missing / PAGE)) < 0) throw new RangeError();
    } catch (cause) {
      throw new DamagedChunkError(codec, `takes ${end} bytes to decode, more than there is memory for`, {
        cause,
      });
    }
    if (instance.memory.buffer.byteLength < end) {
      throw new DamagedChunkError(codec, `takes ${end} bytes to decode, more than there is memory for`);
    }
    return addresses;
  }

  /** Gives back memory that a large chunk took. */
  release(): void {
    if (this.#instance === undefined || this.#instance.memory.buffer.byteLength <= KEPT_BYTES) return;
    this.drop();
  }

  drop(): void {
    this.#instance = undefined;
    this.#heap = new Uint8Array(0);
  }

  /** Runs `work`, gives memory back behind it, and makes an error of a trap, which is never expected. */
  use<Result>(codec: CodecName, work: (engine: Engine) => Result): Result {
    try {
      return work(this);
    } catch (error) {
      if (error instanceof Error && error.name === "RuntimeError") {
        this.drop();
        throw new DamagedChunkError(codec, "does not decode", { cause: error });
      }
      throw error;
    } finally {
      this.release();
    }
  }

  /**
   * Decodes with one of the functions that fill at most a room, and gives a view that the next call overwrites.
   *
   * @param room `most` bytes may come out; `first` are tried first, where `most` is much more than is likely
   */
  decodeBounded(
    codec: CodecName,
    decode: "zstd" | "zlib" | "gzip",
    bytes: Uint8Array,
    { most, first = most }: { readonly most: number; readonly first?: number },
  ): Uint8Array {
    for (let room = Math.min(first, most); ; room = Math.min(room * 4, most)) {
      const [from = 0, to = 0] = this.layOut(codec, bytes.length, room);
      this.heap.set(bytes, from);
      const result = this.instance[decode](from, bytes.length, to, room);
      if (result >= 0) return this.heap.subarray(to, to + result);
      if (result !== TOO_MUCH || room === most) throw faultError(codec, result, most);
    }
  }
}
