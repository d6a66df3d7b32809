import { readFile } from "node:fs/promises";
import type { Codecs } from "../../src/codecs/codecs.js";

/** A chunk that numcodecs has encoded; `frames.json` is what `interop/python/make_chunk_frames.py small` prints. */
export interface ChunkFrame {
  readonly codec: "blosc" | "zstd" | "lz4" | "gzip" | "zlib";
  readonly name: string;
  /** What it decodes to: see {@link chunkData}. */
  readonly kind: string;
  readonly length: number;
  readonly frame: Uint8Array;
}

/** The chunks that are kept for tests without Python. */
export async function keptFrames(): Promise<ChunkFrame[]> {
  return parseFrames(await readFile(new URL("frames.json", import.meta.url), "utf8"));
}

export function parseFrames(json: string): ChunkFrame[] {
  const rows = JSON.parse(json) as (Omit<ChunkFrame, "frame"> & { readonly frame: string })[];
  return rows.map((row) => ({ ...row, frame: new Uint8Array(Buffer.from(row.frame, "base64")) }));
}

/** Bytes that look like nothing (a linear congruence). */
export function noise(count: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 16) & 255;
  });
}

const WORDS = ["alpha ", "beta ", "gamma-ray ", "delta/delta ", "epsilon\n"];
const WIDTHS: Readonly<Record<string, number>> = { u16: 2, u32: 4, u64: 8 };

/** The bytes of a chunk, by the formula that `make_chunk_frames.py` has too. */
export function chunkData(kind: string, length: number): Uint8Array {
  if (kind === "zeros") return new Uint8Array(length);
  const random = noise(length + 1);
  if (kind === "noise") return random.subarray(0, length);
  if (kind === "runs") {
    return Uint8Array.from({ length }, (_, i) => Math.floor(i / 97) * 31 + (Math.floor(i / 13) % 3));
  }
  if (kind === "text") {
    const text = Array.from(random, (byte) => WORDS[byte % 5]).join("");
    return new TextEncoder().encode(text.slice(0, length));
  }
  const width = WIDTHS[kind] ?? 1;
  const out = new Uint8Array(length);
  for (let i = 0; i * width < length; i++) {
    const value = 1000 + (Math.floor(i / 7) % 900) + ((random[i] ?? 0) & 7);
    out.set([value & 255, value >> 8].slice(0, length - i * width), i * width);
  }
  return out;
}

/** Decodes a chunk with the codec that it names. */
export function decodeFrame(
  codecs: Codecs,
  { codec, length }: Pick<ChunkFrame, "codec" | "length">,
  bytes: Uint8Array,
  into?: Uint8Array,
): Uint8Array {
  return codecs[codec].decode(bytes, length, into);
}

/** Whether bytes are the same, of large chunks too. */
export function sameBytes(found: Uint8Array | undefined, expected: Uint8Array | undefined): boolean {
  if (found === undefined || expected === undefined) return found === expected;
  return Buffer.compare(found, expected) === 0;
}

/** One damage of a chunk: bits flipped, bytes set, cut off, moved, or a length made large. */
export function damage(frame: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit);
  const out = frame.slice();
  switch (below(8)) {
    case 0:
      return out.subarray(0, below(out.length));
    case 1:
      return new Uint8Array([...out, ...noise(1 + below(20), 1 + below(1000))]);
    case 2: {
      // Where headers and tables are.
      const at = below(Math.min(out.length, 40));
      out[at] = below(256);
      return out;
    }
    case 3: {
      const at = below(Math.max(1, Math.min(out.length, 64) - 4));
      const value = [0, 1, 0x7fffffff, 0xffffffff, 0x80000000, below(65536)][below(6)] ?? 0;
      if (at + 4 <= out.length) new DataView(out.buffer).setUint32(at, value, true);
      return out;
    }
    case 4: {
      const [from, to, length] = [below(out.length), below(out.length), below(32)];
      out.copyWithin(to, from, from + length);
      return out;
    }
    case 5: {
      const at = below(out.length);
      return new Uint8Array([...out.subarray(0, at), ...out.subarray(at + 1 + below(4))]);
    }
    default: {
      for (let k = 1 + below(3); k > 0; k--) {
        const at = below(out.length);
        out[at] = (out[at] ?? 0) ^ (1 << below(8));
      }
      return out;
    }
  }
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
