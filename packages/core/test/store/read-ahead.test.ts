import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { readAhead } from "../../src/bytes/concurrency.js";

describe("readAhead", () => {
  test("yields in the items' order, whichever is ready first", async () => {
    const results: number[] = [];
    for await (const n of readAhead([30, 1, 20, 2, 10], 3, async (ms) => {
      await setTimeout(ms);
      return ms;
    })) {
      results.push(n);
    }
    expect(results).toEqual([30, 1, 20, 2, 10]);
  });

  test("never runs more at once than it may, but as many as it may", async () => {
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      running++;
      most = Math.max(most, running);
      await setTimeout(2);
      running--;
    };
    for await (const _ of readAhead(Array.from({ length: 20 }), 4, work));
    expect(most).toBe(4);
  });

  test("a failure comes at its turn, after what is before it", async () => {
    const results: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const n of readAhead([1, 2, 3, 4], 4, async (n) => {
        if (n === 3) throw new Error("third");
        await setTimeout(5);
        return n;
      })) {
        results.push(n);
      }
    };
    await expect(reading()).rejects.toThrow("third");
    expect(results).toEqual([1, 2]);
  });

  test("nothing gives nothing", async () => {
    for await (const _ of readAhead([], 4, async () => 1)) throw new Error("there is nothing to yield");
  });
});
