import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { ByteSource } from "../../src/index.js";
import { openFileSource } from "../../src/node/index.js";

const folder = mkdtempSync(join(tmpdir(), "ozx-file-source-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CONTENT = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 2654435761) >>> 24);

async function opened(): Promise<{ source: ByteSource; path: string }> {
  const path = join(folder, "image.ozx");
  writeFileSync(path, CONTENT);
  const source = await openFileSource(path);
  onTestFinished(() => source.close());
  return { source, path };
}

test.each([
  [0, [10, 20_000]],
  [99_000, [0, 1000]],
  [5, [1, 0, 70, 3]],
  [7, []],
] as const)("one read from %i on fills buffers of %j bytes", async (offset, lengths) => {
  const { source } = await opened();
  const targets = lengths.map((length) => new Uint8Array(length));
  await source.readInto?.(offset, targets);
  let at: number = offset;
  for (const target of targets) {
    expect(Buffer.compare(target, CONTENT.subarray(at, at + target.length))).toBe(0);
    at += target.length;
  }
});

test("buffers beyond the end are refused, and a signal aborts reading", async () => {
  const { source } = await opened();
  const targets = [new Uint8Array(50_000), new Uint8Array(50_001)];
  await expect(source.readInto?.(0, targets)).rejects.toThrow(RangeError);
  await expect(source.readInto?.(0, [], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: "AbortError",
  });
});

test("a file that was truncated is an error, wherever it ends now", async () => {
  for (const length of [60_000, 30_000, 0]) {
    const { source, path } = await opened();
    truncateSync(path, length);
    const targets = [new Uint8Array(40_000), new Uint8Array(40_000)];
    await expect(source.readInto?.(0, targets)).rejects.toMatchObject({ _tag: "SourceChanged" });
    await expect(source.read(0, 80_000)).rejects.toMatchObject({ _tag: "SourceChanged" });
  }
});

test("once closed, it refuses every read, even when another file has its descriptor", async () => {
  const { source, path } = await opened();
  const running = source.read(10, 50_000);
  await source.close();
  const others = Array.from({ length: 4 }, () => openSync(path, "r"));
  onTestFinished(() => others.forEach(closeSync));
  expect(Buffer.compare(await running, CONTENT.subarray(10, 50_010)), "what was asked for before").toBe(0);
  const closed = { _tag: "Usage", message: `${path} was closed: open it again` };
  await expect(source.read(0, 10)).rejects.toMatchObject(closed);
  await expect(source.readInto?.(0, [new Uint8Array(4), new Uint8Array(4)])).rejects.toMatchObject(closed);
  expect(() => source.readSync?.(0, new Uint8Array(10))).toThrowError(expect.objectContaining(closed));
  await source.close();
});
