import { expect, test } from "vitest";
import { drain, expectBytes, heldValue } from "./bytes.js";
import { type Fixture, LARGE_KEY, RANGED_KEY } from "./hierarchy.js";

/** Every asynchronous call listens to its signal. */
export function testAborting(fixture: () => Fixture): void {
  const aborted = { name: "AbortError" };

  test("a signal that is aborted already stops every call", async () => {
    const { store } = fixture();
    const options = { signal: AbortSignal.abort() };
    await expect(store.get(RANGED_KEY, options)).rejects.toMatchObject(aborted);
    await expect(store.getRange(RANGED_KEY, { suffixLength: 4 }, options)).rejects.toMatchObject(aborted);
    await expect(store.stream(RANGED_KEY, options)).rejects.toMatchObject(aborted);
    const listing = async (): Promise<void> => {
      for await (const _ of store.list(options));
    };
    await expect(listing()).rejects.toMatchObject(aborted);
  });

  test("a signal stops a stream on its way, and the store reads on", async () => {
    const held = fixture();
    const controller = new AbortController();
    const stream = await held.store.stream(LARGE_KEY, { signal: controller.signal });
    const reading = async (): Promise<void> => {
      for await (const piece of stream ?? []) {
        expect(piece.length, "a piece, not the whole").toBeLessThan(heldValue(held, LARGE_KEY).length);
        controller.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject(aborted);
    expectBytes(await held.store.get(LARGE_KEY), heldValue(held, LARGE_KEY), LARGE_KEY);
  });

  test("a signal stops a listing on its way", async () => {
    const { store } = fixture();
    const controller = new AbortController();
    const listing = async (): Promise<void> => {
      for await (const _ of store.list({ signal: controller.signal })) controller.abort();
    };
    await expect(listing()).rejects.toMatchObject(aborted);
  });

  test("a signal that is aborted afterwards changes nothing", async () => {
    const held = fixture();
    const controller = new AbortController();
    const value = await held.store.get(RANGED_KEY, { signal: controller.signal });
    const streamed = await drain(await held.store.stream(RANGED_KEY, { signal: controller.signal }));
    controller.abort();
    expectBytes(value, heldValue(held, RANGED_KEY), RANGED_KEY);
    expectBytes(streamed, heldValue(held, RANGED_KEY), RANGED_KEY);
  });
}
