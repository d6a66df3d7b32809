import { describe, expect, test } from "vitest";
import { loadCodecs } from "../../src/codecs/index.js";

const [CLEAR, END, FIRST] = [256, 257, 258];

/** A stream of codes that may come, drawn by a generator, and what they stand for by the rules of TIFF 6.0, section 13. */
function drawStream(count: number, seed: number): { readonly bytes: Uint8Array; readonly plain: Uint8Array } {
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const bits: number[] = [];
  const plain: number[] = [];
  let strings = new Map<number, readonly number[]>();
  let next = FIRST;
  let width = 9;
  let last: readonly number[] | undefined;
  const put = (code: number): void => {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((code >> bit) & 1);
  };
  for (let k = 0; k < count; k++) {
    if (k === 0 || next === 4094 || draw(500) === 0) {
      put(CLEAR);
      strings = new Map();
      [next, width, last] = [FIRST, 9, undefined];
      continue;
    }
    // The newest code is the string before and its own first byte.
    const newest = last && [...last, last[0] ?? 0];
    const codes = last === undefined ? 0 : next - FIRST + 1;
    const code = codes > 0 && draw(3) > 0 ? FIRST + Math.max(0, codes - 1 - draw(20)) : draw(256);
    put(code);
    const string = code < CLEAR ? [code] : (strings.get(code) ?? newest ?? []);
    if (last !== undefined) strings.set(next++, [...last, string[0] ?? 0]);
    if (next === 2 ** width - 1 && width < 12) width++;
    plain.push(...string);
    last = string;
  }
  put(END);
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [k, bit] of bits.entries()) bytes[k >> 3] = (bytes[k >> 3] ?? 0) | (bit << (7 - (k & 7)));
  return { bytes, plain: Uint8Array.from(plain) };
}

describe.each(["simd", "plain"] as const)("LZW of TIFF by the engine %s", (engine) => {
  test("decodes any codes that may come to their strings", async () => {
    const { lzw } = await loadCodecs({ engine });
    for (let seed = 1; seed <= 20; seed++) {
      const { bytes, plain } = drawStream(6000, seed);
      expect(Buffer.compare(lzw.decode(bytes, plain.length), plain), `seed ${seed}`).toBe(0);
      const part = Math.floor(plain.length / 3);
      expect(Buffer.compare(lzw.decode(bytes, part), plain.subarray(0, part)), `part of ${seed}`).toBe(0);
    }
  });

  test("never makes up what is cut off", async () => {
    const { lzw } = await loadCodecs({ engine });
    const { bytes, plain } = drawStream(800, 99);
    for (let length = 0; length < bytes.length - 4; length += 7) {
      expect(() => lzw.decode(bytes.subarray(0, length), plain.length)).toThrow("is truncated: it has");
    }
    expect(() => lzw.decode(bytes, plain.length + 1)).toThrow(
      `is truncated: it has ${plain.length} of ${plain.length + 1} bytes`,
    );
  });
});
