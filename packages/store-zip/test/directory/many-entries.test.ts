import { memorySource } from "@ozx/core/container";
import { beforeAll, describe, expect, test } from "vitest";
import { entryAt, findEntry, type ZipArchive } from "../../src/index.js";
import { openArchive } from "../../src/read/archive.js";
import { buildZip } from "../fixtures/build-zip.js";
import { collidingNames } from "../fixtures/colliding-names.js";

describe("100,000 entries", () => {
  const COUNT = 100_000;
  const nameOf = (i: number): string => `0/c/${i % 7}/${Math.floor(i / 7)}/${i & 3}`;
  let bytes: Uint8Array;
  let archive: ZipArchive;
  beforeAll(async () => {
    // As fflate writes it: no ZIP64, and 34,464 in a 16-bit count.
    bytes = buildZip({ entries: Array.from({ length: COUNT }, (_, i) => ({ name: nameOf(i) })) });
    archive = await openArchive(memorySource(bytes));
  });

  test("are all there, though the 16-bit count has wrapped", () => {
    expect(archive.end.entries).toBe(34_464);
    expect(archive.directory.count).toBe(COUNT);
  });

  test("are each found by name", () => {
    for (let i = 0; i < COUNT; i++) {
      if (findEntry(archive.directory, nameOf(i))?.index !== i) throw new Error(`${nameOf(i)} is not found`);
    }
    expect(entryAt(archive.directory, COUNT - 1).name).toBe(nameOf(COUNT - 1));
  });

  test("and no other name is", () => {
    for (let i = 0; i < 1000; i++) {
      expect(findEntry(archive.directory, `${nameOf(i)}/`)).toBeUndefined();
      expect(findEntry(archive.directory, `1/c/${i}`)).toBeUndefined();
    }
  });

  test("take no more memory than three times the directory's bytes", () => {
    const { directory, end } = archive;
    const columns = Object.values(directory).filter((column) => ArrayBuffer.isView(column));
    expect(columns).toHaveLength(10);
    const held = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(held).toBeLessThan(3 * end.directorySize);
  });

  test("can be cloned to another thread as they are", () => {
    const clone = structuredClone(archive.directory);
    expect(findEntry(clone, nameOf(77_777))).toEqual(findEntry(archive.directory, nameOf(77_777)));
  });

  test("in any order are sorted out in one pass", async () => {
    const order = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_000);
    const shuffled = buildZip({ entries: order.map((i) => ({ name: nameOf(i) })), listing: order });
    const { directory } = await openArchive(memorySource(shuffled));
    expect(directory.marks.every((mark) => mark === 0)).toBe(true);
  });
});

test("names that were chosen to collide are refused in bounded time", async () => {
  const entries = collidingNames(14).map((name) => ({ name }));
  const archive = memorySource(buildZip({ entries }));
  await expect(openArchive(archive)).rejects.toMatchObject({ _tag: "InvalidArchive" });
});

test("some names that collide are found all the same", async () => {
  const names = collidingNames(5);
  const archive = await openArchive(memorySource(buildZip({ entries: names.map((name) => ({ name })) })));
  for (const [i, name] of names.entries()) expect(findEntry(archive.directory, name)?.index).toBe(i);
});
