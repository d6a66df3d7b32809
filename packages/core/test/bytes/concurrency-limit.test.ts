import { expect, test } from "vitest";
import { createConcurrencyLimit } from "../../src/bytes/concurrency.js";

test.each([1, 3])("no more than %i at once, also of what comes while another one is woken", async (most) => {
  const limit = createConcurrencyLimit(most);
  let [running, peak, done] = [0, 0, 0];
  const work = async (): Promise<void> => {
    peak = Math.max(peak, ++running);
    await new Promise((resolve) => setTimeout(resolve));
    running--;
    done++;
  };
  let end = (): void => {};
  const first = new Promise<void>((resolve) => {
    end = resolve;
  });
  const all = [limit(() => first)];
  for (let k = 0; k < 5; k++) all.push(limit(work));
  // Comes when the first one has ended, and the one that is woken then does not go on yet.
  all.push(first.then(() => limit(work)));
  end();
  await Promise.all(all);
  expect(peak).toBe(most);
  expect(done).toBe(6);
});

test("failed work frees its slot too", async () => {
  const limit = createConcurrencyLimit(1);
  const failing = limit(() => Promise.reject(new Error("broken")));
  const next = limit(async () => "goes on");
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("goes on");
});
