import { expect, test } from "vitest";
import { createBlockMemory } from "../../src/recut/block-cache.js";
import { createSpareMemory } from "../../src/recut/spare-memory.js";

/** Asks for blocks of one byte, and returns how many were read. */
async function ask(rounds: number, ids: readonly number[], most: number, uses = rounds): Promise<number> {
  const memory = createBlockMemory(most);
  let reads = 0;
  const read = async () => {
    reads++;
    return { data: Uint8Array.of(1), shape: [1] };
  };
  for (let round = 0; round < rounds; round++) {
    for (const id of ids) (await memory.get(String(id), { uses, bytes: 1, read })).release();
  }
  return reads;
}

const SIXTEEN = Array.from({ length: 16 }, (_, k) => k);

test("a block is read once where there is room, and again where it was used as often as was said", async () => {
  expect(await ask(4, SIXTEEN, 16)).toBe(16);
  expect(await ask(4, SIXTEEN, 16, 2)).toBe(32);
});

test("with room for half of the blocks, half are not read again", async () => {
  expect(await ask(4, SIXTEEN, 8)).toBe(8 + 8 * 4);
});

test("blocks that nobody asks for any more make room", async () => {
  const memory = createBlockMemory(2);
  let reads = 0;
  const get = (id: string) =>
    memory.get(id, {
      uses: 1000,
      bytes: 1,
      read: async () => {
        reads++;
        return { data: Uint8Array.of(1), shape: [1] };
      },
    });
  for (const id of ["old", "older"]) (await get(id)).release();
  for (let k = 0; k < 200; k++) (await get("new")).release();
  expect(reads).toBeLessThan(50);
});

test("what could not be read is read again", async () => {
  const memory = createBlockMemory(2);
  const failing = memory.get("one", { uses: 2, bytes: 1, read: () => Promise.reject(new Error("damaged")) });
  await expect(failing).rejects.toThrow("damaged");
  const block = { data: Uint8Array.of(1), shape: [1] };
  expect(await memory.get("one", { uses: 2, bytes: 1, read: async () => block })).toMatchObject({ block });
});

test("memory is used again once all have released it, and not that of what could not be read", async () => {
  let made = 0;
  const spare = createSpareMemory((bytes) => {
    made++;
    return new ArrayBuffer(bytes);
  });
  const memory = createBlockMemory(0, spare);
  const read = async (allocate: () => ArrayBufferLike) => {
    return { data: new Uint8Array(allocate()), shape: [1] };
  };
  const taken = await Promise.all(["a", "a", "b"].map((id) => memory.get(id, { uses: 2, bytes: 1, read })));
  expect(made).toBe(2);
  expect(taken[0]?.block).toBe(taken[1]?.block);
  taken[0]?.release();
  await memory.get("c", { uses: 2, bytes: 1, read });
  expect(made).toBe(3);
  for (const { release } of taken.slice(1)) release();
  for (const id of ["d", "e"]) await memory.get(id, { uses: 2, bytes: 1, read });
  expect(made).toBe(3);
});
