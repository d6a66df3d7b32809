import { type AbsolutePath, type Store, UnreadableError } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { type SampleOptions, sampleMap } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type Difference, verifyBytes, verifyStores } from "../../src/index.js";

const SIZE: SampleOptions = { size: { c: 1, z: 1, y: 40, x: 40 }, levels: 1, chunk: 32 };

/** A folder on a server: it names its image and its labels, and no tables. */
function served(values: Map<AbsolutePath, Uint8Array>, forbidden?: AbsolutePath): Store {
  const { readSync: _, ...store } = memoryStore(values, "served");
  const get: Store["get"] = async (key, options) => {
    if (key === forbidden) throw new UnreadableError(`${key} may not be read`, { location: "served" });
    return store.get(key, options);
  };
  return {
    ...store,
    get,
    list() {
      throw new Error("a server does not list");
    },
    unlisted: {
      async documents() {
        return new Map(
          [...values].filter(([key]) => key.endsWith("/zarr.json") && !key.startsWith("/tables")),
        );
      },
      size: async (key) => (await get(key))?.length,
    },
  };
}

async function sample(): Promise<Map<AbsolutePath, Uint8Array>> {
  return new Map(await sampleMap(SIZE));
}

async function messages(found: AsyncIterable<Difference>): Promise<string[]> {
  const all: string[] = [];
  for await (const { message } of found) all.push(message);
  return all;
}

describe.each([
  ["pixels and metadata", verifyStores],
  ["bytes", verifyBytes],
] as const)("%s of a server that cannot list", (_, verify) => {
  test("are requested by key, from both sides", async () => {
    const local = memoryStore(await sample(), "local");
    expect(await messages(verify(local, served(await sample())))).toEqual([]);
    expect(await messages(verify(served(await sample()), local))).toEqual([]);
    expect(await messages(verify(served(await sample()), served(await sample())))).toEqual([]);
  });

  test("are missing if the server has none, on either side", async () => {
    const without = new Map([...(await sample())].filter(([key]) => !key.startsWith("/tables")));
    const local = memoryStore(await sample(), "local");
    const missing = await messages(verify(local, served(without)));
    expect(missing.length).toBeGreaterThan(0);
    for (const message of missing) expect(message).toMatch(/tables.* in local and missing in served\.$/);
    const noLabels = new Map([...(await sample())].filter(([key]) => !key.startsWith("/labels")));
    const more = await messages(verify(memoryStore(noLabels, "local"), served(await sample())));
    expect(more.length).toBeGreaterThan(0);
    for (const message of more) expect(message).toMatch(/labels.* in served and missing in local\.$/);
  });

  test("are an error, not a difference, if the server refuses to read them", async () => {
    const local = memoryStore(await sample(), "local");
    const found = messages(verify(local, served(await sample(), "/tables/zarr.json")));
    await expect(found).rejects.toMatchObject({ _tag: "Unreadable" });
  });
});
