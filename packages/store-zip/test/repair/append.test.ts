import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath, Finding } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { outsideSample, sampled, skipFor, withoutTool } from "@ozx/testing";
import { afterAll, expect, test } from "vitest";
import { appendToArchive, describeArchive } from "../../src/index.js";
import { parseLocalHeader } from "../../src/records/local-header.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { contentsOf } from "../fixtures/read-all.js";
import { array, conforming, group } from "../rules/conforming.js";
import { crashes, kills, simulatedFile, tornGrowths } from "./simulated-file.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const NEW: readonly (readonly [AbsolutePath, Uint8Array])[] = [
  ["/labels/0/c/0/0", text("x".repeat(3000))],
  ["/labels/0/zarr.json", array()],
  ["/labels/zarr.json", group({ note: "labels" })],
];
const REPLACED = ["/a/zarr.json", group({ note: "another" })] as const;

async function contents(bytes: Uint8Array): Promise<Map<string, string>> {
  const entries = [...(await contentsOf(await openZipStore(memorySource(bytes))))].map(
    ([key, value]) => [key, Buffer.from(value ?? []).toString("base64")] as const,
  );
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function append(
  bytes: Uint8Array,
  entries: Iterable<readonly [AbsolutePath, Uint8Array]>,
  reserve?: number,
): Promise<ReturnType<typeof simulatedFile>> {
  const file = simulatedFile(bytes);
  const writer = await appendToArchive(memorySource(bytes.slice(), "image.ozx"), file, { reserve });
  for (const [key, value] of entries) await writer.add({ key, bytes: value });
  await writer.commit();
  return file;
}

async function rulesBroken(bytes: Uint8Array): Promise<string[]> {
  const findings: Finding[] = [];
  for await (const finding of checkArchive(memorySource(bytes, "image.ozx"), { deep: true }))
    findings.push(finding);
  return [...new Set(findings.filter(({ severity }) => severity !== "info").map(({ rule }) => rule))];
}

const folder = mkdtempSync(join(tmpdir(), "ozx-append-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("entries are added, and take the places of those of the same name", async () => {
  const before = conforming();
  const after = (await append(before, [...NEW, REPLACED])).bytes();
  const expected = await contents(before);
  for (const [key, value] of [...NEW, REPLACED]) expected.set(key, Buffer.from(value).toString("base64"));
  expect(await contents(after)).toEqual(new Map([...expected].sort(([a], [b]) => (a < b ? -1 : 1))));
  const { archive } = await openZipStore(memorySource(after));
  expect(await describeArchive(archive)).toMatchObject({
    entries: { duplicates: 0 },
    comment: { jsonFirst: true },
    order: { rootFirst: true, documentsFirst: true, breadthFirst: true },
  });
  expect(archive.directory.count).toBe(expected.size);
});

test("entries are removed from the directory, whose data stays", async () => {
  const before = conforming();
  const expected = await contents(before);
  const file = simulatedFile(before);
  const writer = await appendToArchive(memorySource(before.slice(), "image.ozx"), file);
  for (const [key, value] of NEW) await writer.add({ key, bytes: value });
  writer.remove("/a/zarr.json");
  writer.remove("/none");
  await writer.commit();
  for (const [key, value] of NEW) expected.set(key, Buffer.from(value).toString("base64"));
  expect(expected.delete("/a/zarr.json")).toBe(true);
  expect(await contents(file.bytes())).toEqual(new Map([...expected].sort(([a], [b]) => (a < b ? -1 : 1))));
});

test("Python's zipfile reads the same", skipFor(withoutTool("python3")), async () => {
  const after = (await append(conforming(), [...NEW, REPLACED])).bytes();
  const path = join(folder, "image.ozx");
  writeFileSync(path, after);
  const script =
    "import base64, json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as z:\n    assert z.testzip() is None\n    print(json.dumps([['/' + i.filename, base64.b64encode(z.read(i)).decode()] for i in z.infolist()]))";
  const found = JSON.parse(execFileSync("python3", ["-c", script, path]).toString()) as [string, string][];
  expect(new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual(await contents(after));
});

test("its remaining findings are about the order of documents in the file, as no bytes are unused", async () => {
  const after = (await append(conforming(), NEW)).bytes();
  const { wasted } = await describeArchive((await openZipStore(memorySource(after))).archive);
  expect(wasted).toBe(0);
  expect((await rulesBroken(after)).sort()).toEqual(["bfs-order", "json-before-data"]);
});

test("a label image that is added in place is found by programs that read the archive as a stream", async () => {
  for (const reserve of [100, 2000, undefined]) {
    const before = conforming();
    const names = streamedNames((await append(before, [...NEW, REPLACED], reserve)).bytes());
    expect(names).toEqual([...streamedNames(before), ...[...NEW, REPLACED].map(([key]) => key.slice(1))]);
  }
});

/** The entries that a program finds that goes from one local header to the next, until there is none. */
function streamedNames(bytes: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; at + 4 <= bytes.length && Buffer.from(bytes).readUInt32LE(at) === 0x04034b50; ) {
    const header = parseLocalHeader(bytes.subarray(at));
    names.push(new TextDecoder().decode(header.name));
    at += header.dataStart + header.compressedSize;
  }
  return names;
}

test("a crash at any moment leaves the archive as it was, or with all that was added", async () => {
  const before = conforming();
  // So little space that the directory is moved several times.
  const file = await append(before, [...NEW, REPLACED], 100);
  const [old, now] = [await contents(before), await contents(file.bytes())];
  let [olds, news] = [0, 0];
  for (const state of crashes(before, file.groups())) {
    const found = await contents(state);
    if (found.size === old.size) {
      expect(found).toEqual(old);
      olds++;
    } else {
      expect(found).toEqual(now);
      news++;
    }
  }
  expect(olds).toBeGreaterThan(10);
  expect(news).toBeGreaterThan(2);
});

test("what a crash leaves behind the next one takes away", async () => {
  const before = conforming();
  const file = await append(before, [...NEW, REPLACED], 2000);
  const old = await contents(before);
  const again = (await append(before, [...NEW, REPLACED], 2000)).bytes();
  const states = sampled(
    [...crashes(before, file.groups())].filter((_, k) => k % 3 === 0),
    10,
  );
  for (const state of states) {
    if ((await contents(state)).size !== old.size) continue;
    const after = (await append(state, [...NEW, REPLACED], 2000)).bytes();
    expect(after).toHaveLength(again.length);
    expect(await contents(after)).toEqual(await contents(again));
  }
});

test(
  "Python's zipfile reads it at every moment, also when the process is killed between two syncs",
  skipFor(withoutTool("python3")),
  async () => {
    const before = conforming();
    for (const reserve of [100, 2000]) {
      const file = await append(before, [...NEW, REPLACED], reserve);
      const states = [...kills(before, file.groups()), ...crashes(before, file.groups())];
      const cut = [...tornGrowths(before, file.groups())];
      const paths = [...sampled(states, 200), ...sampled(cut, 50)].map((state, k) => {
        const path = join(folder, `state-${reserve}-${k}.ozx`);
        writeFileSync(path, state);
        return path;
      });
      const script =
        "import sys, zipfile\ndef reads(path):\n    try:\n        return zipfile.ZipFile(path).testzip() is None\n    except zipfile.BadZipFile:\n        return False\nprint(''.join('01'[reads(p)] for p in sys.argv[1:]))";
      const reads = execFileSync("python3", ["-W", "ignore", "-c", script, ...paths])
        .toString()
        .trim();
      expect(reads).toMatch(/^1+$/);
    }
  },
);

test("large entries are written in blocks, and space is freed before the end moves", async () => {
  const before = conforming();
  const file = simulatedFile(before);
  const writer = await appendToArchive(memorySource(before.slice(), "image.ozx"), file, { reserve: 1000 });
  const block = new Uint8Array(700_000).map((_, i) => i);
  async function* blocks(): AsyncGenerator<Uint8Array> {
    for (let k = 0; k < 3; k++) yield block;
  }
  await writer.add({ key: "/big", bytes: blocks() });
  await writer.commit();
  const store = await openZipStore(memorySource(file.bytes()));
  expect((await store.get("/big"))?.length).toBe(2_100_000);
  const old = await contents(before);
  let state = before;
  for (const group of file.groups().slice(0, -4)) {
    for (const operation of group) {
      if (!("bytes" in operation)) continue;
      const grown = new Uint8Array(Math.max(state.length, operation.position + operation.bytes.length));
      grown.set(state);
      grown.set(operation.bytes, operation.position);
      state = grown;
    }
    expect(await contents(state)).toEqual(old);
  }
});

test("discarded, the file is as it was, byte by byte", async () => {
  const before = conforming();
  const file = simulatedFile(before);
  const writer = await appendToArchive(memorySource(before.slice(), "image.ozx"), file);
  await writer.add({ key: "/labels/0/c/0/0", bytes: new Uint8Array(2_000_000) });
  expect(file.bytes().length).toBeGreaterThan(before.length);
  await writer.discard();
  expect(file.bytes()).toEqual(before);
});

test("it can be added to again and again", async () => {
  let bytes: Uint8Array = conforming();
  for (const [key, value] of [...NEW, REPLACED, REPLACED])
    bytes = (await append(bytes, [[key, value]], 2000)).bytes();
  expect((await contents(bytes)).get("/a/zarr.json")).toBe(Buffer.from(REPLACED[1]).toString("base64"));
  expect([...(await contents(bytes)).keys()]).toEqual(expect.arrayContaining(NEW.map(([key]) => key)));
});

test("another version, a nested archive and keys that would leave a folder are refused", async () => {
  const writer = await appendToArchive(memorySource(conforming(), "image.ozx"), simulatedFile(conforming()));
  const other = group({ ome: { version: "0.6" } });
  await expect(writer.add({ key: "/zarr.json", bytes: other })).rejects.toThrow(
    "OME-Zarr 0.6 cannot be added",
  );
  await expect(writer.add({ key: "/x.ozx", bytes: other })).rejects.toMatchObject({ _tag: "Unsupported" });
  await expect(writer.add({ key: "/../x", bytes: other })).rejects.toMatchObject({ _tag: "UnsafeName" });
});

test("an archive behind other bytes, or a damaged one, is refused before anything is written", async () => {
  const behind = conforming({ prefix: new Uint8Array(10), comment: "" });
  const file = simulatedFile(behind);
  await expect(appendToArchive(memorySource(behind), file)).rejects.toMatchObject({ _tag: "Unsupported" });
  await expect(appendToArchive(memorySource(new Uint8Array(50)), file)).rejects.toThrow();
  expect(file.groups()).toEqual([[]]);
});

test("more entries are added than a call takes arguments", skipFor(outsideSample()), async () => {
  const count = 150_000;
  const nothing = async (): Promise<void> => {};
  let size = 0;
  const file = {
    write: nothing,
    sync: nothing,
    async truncate(to: number) {
      size = to;
    },
  };
  const writer = await appendToArchive(memorySource(conforming()), file);
  for (let at = 0; at < count; at++) await writer.add({ key: `/b/${at}`, bytes: new Uint8Array(0) });
  await writer.commit();
  expect(size).toBeGreaterThan(count * 100);
});
