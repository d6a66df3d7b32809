import { describeStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src/store/memory-store.js";
import { collectEntries } from "../../src/store/store-keys.js";

describeStore("memoryStore", async (entries) => memoryStore(entries));

describe("memoryStore", () => {
  test("what is set can be read, and replaces what was there", async () => {
    const store = memoryStore(new Map(), "here");
    expect(store.name).toBe("here");
    await store.set("/a", Uint8Array.of(1));
    await store.set("/a", Uint8Array.of(2, 3));
    expect(await store.get("/a")).toEqual(Uint8Array.of(2, 3));
    expect(await collectEntries(store.list())).toEqual([{ key: "/a", size: 2 }]);
  });

  test("what is read may be written to, and handed to a thread", async () => {
    const store = memoryStore(new Map([["/a", Uint8Array.of(1, 2, 3)]]));
    const whole = await store.get("/a");
    const part = await store.getRange("/a", { offset: 0, length: 2 });
    const piece = (await (await store.stream("/a"))?.getReader().read())?.value;
    for (const bytes of [whole, part, piece]) bytes?.fill(9);
    structuredClone(whole, { transfer: whole === undefined ? [] : [whole.buffer] });
    expect(await store.get("/a")).toEqual(Uint8Array.of(1, 2, 3));
  });
});
