import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort, untilAborted } from "../../src/bytes/concurrency.js";

test("every callback runs once, except removed ones", () => {
  const controller = new AbortController();
  const told: number[] = [];
  const ends = [0, 1, 2].map((k) => onAbort(controller.signal, () => told.push(k)));
  ends[1]?.();
  controller.abort();
  for (const end of ends) end();
  expect(told).toEqual([0, 2]);
});

test("a signal without callbacks has no listener, and gets one again", () => {
  const controller = new AbortController();
  const end = onAbort(controller.signal, () => {});
  end();
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  let told = false;
  onAbort(controller.signal, () => {
    told = true;
  });
  end();
  controller.abort();
  expect(told).toBe(true);
});

test("however many wait, the platform sees no leak", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): number => warnings.push(warning);
  process.on("warning", warn);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 50 }, (_, k) => untilAborted(Promise.resolve(k), signal)));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", warn);
  expect(warnings).toEqual([]);
});
