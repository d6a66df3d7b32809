import { describeStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { collectEntries, memoryStore } from "../../src/index.js";

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
});
