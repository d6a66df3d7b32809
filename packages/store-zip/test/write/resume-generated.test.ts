import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileSink, findLeftovers } from "@ozx/convert/node";
import type { AbsolutePath } from "@ozx/core";
import { type EntryProducer, type GeneratedEntry, memoryStore, type Resumption } from "@ozx/core/container";
import { openFileSource } from "@ozx/core/node";
import { afterAll, beforeEach, expect, test } from "vitest";
import { openArchive } from "../../src/read/archive.js";
import { writeArchive } from "../../src/write/write-archive.js";

const COUNT = 60;
const folder = mkdtempSync(join(tmpdir(), "ozx-resume-generated-"));
const path = join(folder, "a.ozx");

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function valueAt(index: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(index % 20 === 3 ? 1_500_000 : 20_000 + index).fill(index);
}

/** Makes entries, some of them block by block, until it fails; remembers which. */
function failingMaker({ fails, recipe = "fill" }: { fails: number; recipe?: string }) {
  const generated: AbsolutePath[] = [];
  const producer: EntryProducer = {
    entries: COUNT,
    bytes: 1000,
    origin: {
      recipe,
      *reads() {},
      owns: (key) => key.startsWith("/generated/"),
    },
    async *produce(options): AsyncGenerator<GeneratedEntry> {
      const { after } = options ?? {};
      const from = after === undefined ? 0 : Number(after.split("/")[2]) + 1;
      for (let index = from; index < COUNT; index++) {
        if (index === fails) throw new Error("the lights went out");
        // A pause, so that there are checkpoints.
        if (index === 10 || index === 30) await new Promise((resolve) => setTimeout(resolve, 300));
        generated.push(`/generated/${index}`);
        const value = valueAt(index);
        yield { key: `/generated/${index}`, bytes: index % 3 === 0 ? blocks(value) : value };
      }
    },
  };
  return { producer, generated };
}

async function* blocks(value: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < value.length; at += 100_000) yield value.subarray(at, at + 100_000);
}

async function write(
  { producer }: { producer: EntryProducer },
  resume = true,
): Promise<Resumption | undefined> {
  const document = new TextEncoder().encode("copied, not generated");
  const source = { ...memoryStore(), fingerprint: async () => ({ text: "as it was" }) };
  const entries = [{ key: "/zarr.json" as const, size: document.length, content: document }];
  const sink = await createFileSink(path, { overwrite: true, resume });
  let found: Resumption | undefined;
  const onResume = (one: Resumption): void => {
    found = one;
  };
  const job = { source, entries, generated: producer };
  await writeArchive({ ...job, comment: new Uint8Array() }, sink, { onResume });
  return found;
}

test("generated entries that are written are not generated again", async () => {
  await write(failingMaker({ fails: COUNT }), false);
  const whole = readFileSync(path);
  for (const fails of [15, 38]) {
    await expect(write(failingMaker({ fails }))).rejects.toThrow("the lights went out");
  }
  const last = failingMaker({ fails: COUNT });
  const found = await write(last);
  expect(found?.done.entries).toBe(1 + COUNT - last.generated.length);
  expect(last.generated.length).toBeLessThan(COUNT - 25);
  expect(readFileSync(path).equals(whole)).toBe(true);
  const file = await openFileSource(path);
  expect((await openArchive(file)).directory.count).toBe(COUNT + 1);
  await file.close();
  expect(readdirSync(folder)).toEqual(["a.ozx"]);
});

test("those of another recipe are not resumed", async () => {
  await expect(write(failingMaker({ fails: 30 }))).rejects.toThrow("the lights went out");
  await expect(write(failingMaker({ fails: COUNT, recipe: "other" }))).rejects.toMatchObject({
    _tag: "Usage",
  });
});

test("what follows the last record is rewritten, and invalid records are ignored", async () => {
  await write(failingMaker({ fails: COUNT }), false);
  const whole = readFileSync(path);
  await expect(write(failingMaker({ fails: 45 }))).rejects.toThrow("the lights went out");
  const [left] = await findLeftovers(path);
  appendFileSync(left?.path ?? "", new Uint8Array(100_000_000).fill(7));
  appendFileSync(
    `${left?.path}.journal`,
    '[{"name":"elsewhere","size":3,"crc":3}]\n[{"name":"generated/1","size":-1}]\n',
  );
  await write(failingMaker({ fails: COUNT }));
  expect(readFileSync(path).equals(whole)).toBe(true);
});

test("a producer without an origin starts from the beginning, which is reported", async () => {
  const { producer } = failingMaker({ fails: COUNT });
  expect(await write({ producer: { ...producer, origin: undefined } })).toMatchObject({ isResumable: false });
});
