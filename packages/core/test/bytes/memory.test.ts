import { describe, expect, test } from "vitest";
import { memorySink, memorySource } from "../../src/bytes/in-memory.js";

const bytes = Uint8Array.from({ length: 10 }, (_, i) => i);

describe("memorySource", () => {
  test("reads at any position, at once or later", async () => {
    const source = memorySource(bytes, "ten");
    expect(source.size).toBe(10);
    expect(source.name).toBe("ten");
    expect(await source.read(3, 4)).toEqual(Uint8Array.of(3, 4, 5, 6));
    expect(await source.read(10, 0)).toEqual(new Uint8Array(0));
    const target = new Uint8Array(2);
    source.readSync?.(8, target);
    expect(target).toEqual(Uint8Array.of(8, 9));
  });

  test.for([
    [-1, 1],
    [0, -1],
    [0, 11],
    [10, 1],
    [11, 0],
    [Number.NaN, 1],
  ] as const)("refuses %d + %d, outside of its bytes", async ([offset, length]) => {
    await expect(memorySource(bytes, "ten").read(offset, length)).rejects.toThrow(RangeError);
  });

  test("rejects reads beyond its end, and names the source", () => {
    expect(() => memorySource(bytes, "ten").readSync?.(8, new Uint8Array(3))).toThrow(/ten has 10 bytes/);
  });

  test("stops at its signal", async () => {
    const reading = memorySource(bytes).read(0, 1, { signal: AbortSignal.abort() });
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("memorySink", () => {
  test("puts pieces where they belong, in whatever order they come", async () => {
    const sink = memorySink();
    await sink.write(4, Uint8Array.of(5, 6));
    await sink.write(0, Uint8Array.of(1, 2));
    await sink.write(2, Uint8Array.of(3, 4));
    await sink.commit();
    expect(sink.bytes()).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  });

  test("a gap is zeros, and writing again replaces", async () => {
    const sink = memorySink();
    await sink.write(0, Uint8Array.of(9, 9));
    await sink.write(5, Uint8Array.of(7));
    await sink.write(1, Uint8Array.of(8));
    expect(sink.bytes()).toEqual(Uint8Array.of(9, 8, 0, 0, 0, 7));
  });

  test("grows far beyond its first size", async () => {
    const sink = memorySink();
    for (let i = 0; i < 5000; i++) await sink.write(i * 3, Uint8Array.of(i & 255, 1, 2));
    expect(sink.bytes()).toHaveLength(15_000);
    expect(sink.bytes().subarray(4999 * 3)).toEqual(Uint8Array.of(4999 & 255, 1, 2));
  });

  test("discard leaves nothing", async () => {
    const sink = memorySink();
    await sink.write(0, bytes);
    await sink.discard();
    expect(sink.bytes()).toHaveLength(0);
  });

  test("stops at its signal and writes nothing", async () => {
    const sink = memorySink();
    const writing = sink.write(0, bytes, { signal: AbortSignal.abort() });
    await expect(writing).rejects.toMatchObject({ name: "AbortError" });
    expect(sink.bytes()).toHaveLength(0);
  });
});
