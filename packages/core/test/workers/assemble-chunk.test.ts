import { expect, test } from "vitest";
import {
  type AssembleTask,
  type BlockPart,
  createChunkPool,
  inlineWorkers,
  serveChunks,
} from "../../src/internal.js";

const TASK: AssembleTask = {
  kind: "assemble",
  pixels: "Uint16Array",
  itemSize: 2,
  chunkShape: [2, 3],
  fill: 7,
  codecs: [{ name: "gzip", configuration: { level: 6 } }],
};

/** The right two columns of a block of 2 × 4 pixels, as the left two of the chunk. */
function partOf(values: readonly number[]): BlockPart {
  const pixels = new Uint16Array(new SharedArrayBuffer(16));
  pixels.set(values);
  return { bytes: new Uint8Array(pixels.buffer), shape: [2, 4], from: [0, 2], to: [0, 0], extents: [2, 2] };
}

const pool = createChunkPool({
  workers: 1,
  sharesMemory: true,
  start({ onResult }) {
    const serve = serveChunks(onResult);
    return { send: (request) => void serve(request), end: async () => {} };
  },
});

test.each([
  ["in a thread", pool],
  ["here", inlineWorkers()],
])("a chunk has parts of blocks, and elsewhere the fill value: %s", async (_, workers) => {
  const encoded = await workers.assemble?.(TASK, [partOf([1, 2, 3, 4, 5, 6, 7, 8])]);
  const size = 12;
  const decoding = { kind: "decode", codecs: TASK.codecs, size } as const;
  const decoded = await workers.run(decoding, encoded ?? new Uint8Array(0));
  expect(new Uint16Array(new Uint8Array(decoded as Uint8Array).buffer)).toEqual(
    Uint16Array.of(3, 4, 7, 7, 8, 7),
  );
  expect(await workers.assemble?.(TASK, [partOf(new Array(8).fill(7))])).toBeUndefined();
  expect(await workers.assemble?.(TASK, [])).toBeUndefined();
});
