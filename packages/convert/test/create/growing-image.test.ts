import { type AbsolutePath, openOmeZarr, WriteFailedError } from "@ozx/core";
import { memoryStore, type StepWriter } from "@ozx/core/container";
import { expect, test } from "vitest";
import { createGrowingImage } from "../../src/index.js";

/** Images of unknown length, in memory: the order of calls, and failures. */

const SIDE = 16;
const FRAMES = {
  axes: ["t", "y", "x"],
  shape: [undefined, SIDE, SIDE],
  dtype: "uint8",
  codec: "none",
} as const;
const frame = (t: number): Uint8Array => new Uint8Array(SIDE * SIDE).fill(t + 1);

function stepsIn(values: Map<AbsolutePath, Uint8Array>, failsAt = Number.POSITIVE_INFINITY) {
  const log: string[] = [];
  const writer: StepWriter = {
    name: "memory",
    async step({ entries, documents }) {
      log.push(`${entries.length}`);
      if (log.length === failsAt) throw new WriteFailedError("the disk is full", { location: "memory" });
      for (const { key, bytes } of [...entries, ...documents]) values.set(key, bytes);
    },
    async close() {
      log.push("close");
    },
    async discard() {
      log.push("discard");
    },
  };
  return { writer, log };
}

test("calls one right after the other, and many at once, are in their order", {
  timeout: 20_000,
}, async () => {
  const values = new Map<AbsolutePath, Uint8Array>();
  const { writer, log } = stepsIn(values);
  const image = await createGrowingImage(async () => writer, "movie.ozx", FRAMES);
  let t = 0;
  for (let k = 0; k < 40; k++) {
    expect(await image.append(frame(t))).toBe(t);
    t++;
    // A few turns of the queue later: at every moment of the end of the call before.
    for (let turn = 0; turn < k % 8; turn++) await Promise.resolve();
  }
  const many = Array.from({ length: 20 }, (_, k) => image.append(frame(t + k)));
  expect(await Promise.all(many)).toEqual(many.map((_, k) => t + k));
  expect(image.length).toBe(60);
  await image.close();
  expect(log.at(-1)).toBe("close");
  expect(log.length).toBeLessThan(60);
  const node = await openOmeZarr(memoryStore(values), { formats: [] });
  for (let at = 0; at < 60; at++) {
    expect((await node.images[0]?.level(0).read({ t: at, y: 3, x: 4 }))?.data).toEqual(Uint8Array.of(at + 1));
  }
});

test("once a step has failed, its calls and all later ones fail, and closing discards", async () => {
  const { writer, log } = stepsIn(new Map(), 2);
  const image = await createGrowingImage(async () => writer, "movie.ozx", FRAMES);
  await image.append(frame(0));
  const failing = [1, 2].map((t) => image.append(frame(t)));
  for (const call of failing) await expect(call).rejects.toThrow("the disk is full");
  await expect(image.append(frame(3))).rejects.toThrow("the disk is full");
  expect(image.length).toBe(1);
  await image.close();
  expect(log.at(-1)).toBe("discard");
});
