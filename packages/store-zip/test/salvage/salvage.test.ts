import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteSource } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { fuzzRuns, skipFor, withoutTool } from "@ozx/testing";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { salvageArchive } from "../../src/index.js";
import { buildZip, extraBlock, type OddEntry, type OddZip } from "../fixtures/build-zip.js";
import { storeContents } from "../fixtures/store-contents.js";

/** What can be read of damaged archives, against what the fixtures say was damaged. */

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const group = text(JSON.stringify({ zarr_format: 3, node_type: "group", attributes: {} }));

/** Pixels that do not compress to nothing, and differ for each chunk. */
function pixels(seed: number, length = 400): Uint8Array {
  let state = seed * 2654435761 + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  });
}

const CHUNKS = 12;
type Form = Pick<OddEntry, "deflate" | "descriptor" | "zip64">;
const FORMS: Readonly<Record<string, Form>> = {
  stored: {},
  deflated: { deflate: true },
  "stored with a descriptor": { descriptor: "signed" },
  "stored with a bare descriptor": { descriptor: "bare" },
  "deflated with a descriptor": { deflate: true, descriptor: "signed" },
  "deflated with a bare descriptor": { deflate: true, descriptor: "bare" },
  ZIP64: { zip64: { local: true, central: "all" } },
  "ZIP64 with a descriptor": { zip64: { local: true, central: "all" }, descriptor: "signed" },
};

function entriesIn(form: Form): OddEntry[] {
  return [
    { name: "zarr.json", data: group, ...form },
    ...Array.from({ length: CHUNKS }, (_, k): OddEntry => ({ name: `0/c/${k}`, data: pixels(k), ...form })),
  ];
}

/** Where the data of each entry starts. */
function dataOffsets(bytes: Uint8Array, entries: readonly OddEntry[]): number[] {
  return entries.map(({ name }) => Buffer.from(bytes).indexOf(String(name)) + String(name).length + 24);
}

async function salvage(bytes: Uint8Array) {
  const { store, lost, noDirectory, restored } = await salvageArchive(memorySource(bytes, "damaged.ozx"));
  const contents = await storeContents(store);
  return {
    contents,
    kept: [...contents.keys()].map((key) => key.slice(1)).sort(),
    lost: lost.map(({ key }) => key.slice(1)).sort(),
    reasons: lost.map(({ reason }) => reason),
    noDirectory,
    restored,
  };
}

function expectValues(contents: ReadonlyMap<string, Uint8Array>, entries: readonly OddEntry[]): void {
  for (const { name, data } of entries) {
    const found = contents.get(`/${name}`);
    if (found !== undefined) expect(Buffer.from(found).equals(Buffer.from(data ?? []))).toBe(true);
  }
}

/** The end record says where the directory is. */
const directoryOf = (bytes: Uint8Array): number => Buffer.from(bytes).readUInt32LE(bytes.length - 6);
const withoutDirectory = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, directoryOf(bytes));

test.each(Object.entries(FORMS))(
  "%s: all entries are found with and without a directory",
  async (_, form) => {
    const entries = entriesIn(form);
    const whole = buildZip({ entries });
    const names = entries.map(({ name }) => String(name)).sort();
    for (const bytes of [whole, withoutDirectory(whole), whole.subarray(0, whole.length - 5)]) {
      const found = await salvage(bytes);
      // The end of data without sizes and without a signature is known by the header that follows.
      const isOpen = form.descriptor === "bare" && bytes.length === withoutDirectory(whole).length;
      const last = `0/c/${CHUNKS - 1}`;
      expect(found.kept).toEqual(isOpen ? names.filter((name) => name !== last) : names);
      expect(found.lost).toEqual(isOpen ? [last] : []);
      expectValues(found.contents, entries);
    }
  },
);

test.each(Object.entries(FORMS))("%s: damaged data is lost, and only that", async (_, form) => {
  const entries = entriesIn(form);
  const whole = buildZip({ entries });
  const at = dataOffsets(whole, entries);
  for (const isWhole of [true, false]) {
    const bytes = (isWhole ? whole : withoutDirectory(whole)).slice();
    for (const k of [3, 7]) bytes[(at[k] ?? 0) + 100] = (bytes[(at[k] ?? 0) + 100] ?? 0) ^ 0xff;
    const { kept, lost, contents } = await salvage(bytes);
    expect(lost).toEqual(expect.arrayContaining(["0/c/2", "0/c/6"]));
    expect(kept).not.toContain("0/c/2");
    expect(lost.length + kept.length).toBe(entries.length);
    expect(lost.length).toBeLessThanOrEqual(isWhole || form.descriptor !== "bare" ? 2 : 3);
    expectValues(contents, entries);
  }
});

test("an entry whose local header is damaged is found by the directory", async () => {
  const entries = entriesIn({});
  const bytes = buildZip({ entries });
  for (const name of ["0/c/4", "0/c/11"])
    bytes.fill(0, Buffer.from(bytes).indexOf(name) - 30, Buffer.from(bytes).indexOf(name) + 2);
  const { kept, lost, contents } = await salvage(bytes);
  expect(lost).toEqual([]);
  expect(kept).toHaveLength(entries.length);
  expectValues(contents, entries);
});

test.each([
  ["CP437", Uint8Array.of(0x81, 0x62, 0x65, 0x72), "über"],
  ["UTF-8", text("über"), "über"],
  ["UTF-8 that starts with a byte order mark", text("\ufeffa"), "\ufeffa"],
])(
  "an entry with a name in %s and a wrong CRC in its header is found by a central header",
  async (_, name, key) => {
    const data = pixels(1);
    for (const extra of [new Uint8Array(0), extraBlock(0x9999, text("extra"))]) {
      const entry: OddEntry = { name, data, local: { crc: 1, extra } };
      const whole = buildZip({ entries: [{ name: "zarr.json", data: group }, entry] });
      const { contents, lost } = await salvage(whole.subarray(0, whole.length - 5));
      expect(lost).toEqual([]);
      expect(contents.get(`/${key}`)).toEqual(data);
    }
  },
);

test("an entry with a name in CP437 whose header is gone is found by a central header", async () => {
  const data = pixels(1);
  const entry: OddEntry = { name: Uint8Array.of(0x81, 0x62, 0x65, 0x72), data, local: { signature: 0 } };
  const whole = buildZip({ entries: [entry, { name: "other", data: pixels(2, 1000) }] });
  const { contents, lost } = await salvage(whole.subarray(0, whole.length - 5));
  expect(lost).toEqual([]);
  expect(contents.get("/über")).toEqual(data);
});

test("bytes that are missing in the middle cost the entries that they were part of", async () => {
  const entries = entriesIn({});
  const whole = buildZip({ entries });
  const [from, to] = [dataOffsets(whole, entries)[5] ?? 0, dataOffsets(whole, entries)[6] ?? 0];
  const bytes = Buffer.concat([whole.subarray(0, from), whole.subarray(to - 200)]);
  const { kept, lost, noDirectory, contents } = await salvage(bytes);
  expect(noDirectory).toContain("bytes");
  expect(lost).toEqual(["0/c/4"]);
  expect(kept).toHaveLength(entries.length - 1);
  expectValues(contents, entries);
});

test("what a directory does not list is no part of the archive, and an older version is not taken for a damaged one", async () => {
  const entries: OddEntry[] = [
    { name: "zarr.json", data: text("{}"), listed: false },
    { name: "deleted", data: text("gone"), listed: false },
    { name: "zarr.json", data: group },
    { name: "inner.zip", data: buildZip({ entries: [{ name: "inside", data: text("in") }] }) },
  ];
  const bytes = buildZip({ entries });
  bytes[Buffer.from(bytes).lastIndexOf('"group"') + 1] = 0x58;
  const { kept, lost } = await salvage(bytes);
  expect(kept).toEqual(["inner.zip"]);
  expect(lost).toEqual(["zarr.json"]);
});

test("without a directory the last version of an entry is taken, and nothing out of an archive in the archive", async () => {
  const entries: OddEntry[] = [
    { name: "zarr.json", data: text("{}") },
    { name: "inner.zip", data: buildZip({ entries: [{ name: "inside", data: text("in") }] }) },
    { name: "zarr.json", data: group },
  ];
  const { kept, contents } = await salvage(withoutDirectory(buildZip({ entries })));
  expect(kept).toEqual(["inner.zip", "zarr.json"]);
  expect(contents.get("/zarr.json")).toEqual(group);
});

test("a lost document is restored from the consolidated metadata above it", async () => {
  const array = { zarr_format: 3, node_type: "array", shape: [1], attributes: {} };
  const root = {
    zarr_format: 3,
    node_type: "group",
    attributes: {},
    consolidated_metadata: { metadata: { "0": array } },
  };
  const bytes = buildZip({
    entries: [
      { name: "zarr.json", data: text(JSON.stringify(root)) },
      { name: "0/zarr.json", data: text(JSON.stringify(array)) },
    ],
  });
  bytes[Buffer.from(bytes).lastIndexOf('"array"') + 1] = 0x58;
  const { lost, restored, contents } = await salvage(bytes);
  expect([lost, restored]).toEqual([[], ["/0/zarr.json"]]);
  expect(JSON.parse(new TextDecoder().decode(contents.get("/0/zarr.json")))).toEqual(array);
});

test("names that lead out of a folder, links, encryption and unknown methods are lost, with the reason", async () => {
  const entries: OddEntry[] = [
    { name: "zarr.json", data: group },
    { name: "../outside", data: text("x") },
    { name: "link", data: text("zarr.json"), central: { externalAttributes: 0o120777 * 0x10000 } },
    { name: "secret", data: text("x"), local: { flags: 1 }, central: { flags: 1 } },
    { name: "other", data: text("x"), local: { method: 12 }, central: { method: 12 } },
  ];
  const { kept, lost, reasons } = await salvage(buildZip({ entries }));
  expect(kept).toEqual(["zarr.json"]);
  expect(lost).toEqual(["../outside", "link", "other", "secret"]);
  expect(reasons.join("; ")).toMatch(/would leave.*symbolic link.*method 12.*encrypted/);
});

const damage = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    length: fc.integer({ min: 1, max: 60 }),
  }),
  { minLength: 1, maxLength: 4 },
);

test("whatever is damaged, each entry that lies outside is kept with its value", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.values(FORMS)), damage, async (form, holes) => {
      const entries = entriesIn(form);
      const whole = buildZip({ entries } as OddZip);
      const bytes = whole.slice();
      for (const { at, length } of holes) {
        const start = Math.floor(at * bytes.length);
        for (let k = start; k < Math.min(bytes.length, start + length); k++)
          bytes[k] = (bytes[k] ?? 0) ^ 0x5a;
      }
      const { contents, kept, lost } = await salvage(bytes);
      expectValues(contents, entries);
      // An entry is a run from its header to that of the next one.
      const starts = entries.map(({ name }) => Buffer.from(whole).indexOf(String(name)) - 30);
      const directory = directoryOf(whole);
      entries.forEach(({ name }, k) => {
        const end = starts[k + 1] ?? directory;
        // Without sizes in its header, an entry ends where the next header does.
        const until = form.descriptor === "bare" ? end + 50 : end;
        const isHurt = bytes
          .subarray(starts[k], until)
          .some((byte, at) => byte !== whole[(starts[k] ?? 0) + at]);
        if (!isHurt) expect(kept).toContain(name);
        else if (!kept.includes(String(name)))
          expect([...lost, "unnamed"]).toContain(lost.includes(String(name)) ? name : "unnamed");
      });
    }),
    { numRuns: fuzzRuns({ sample: 60, full: 2_000 }), seed: 7 },
  );
});

/** Counts what is read of a source. */
function counted(bytes: Uint8Array): ByteSource & { readonly total: () => number } {
  const inner = memorySource(bytes, "hostile.ozx");
  let total = 0;
  return {
    ...inner,
    total: () => total,
    read(offset, length, options) {
      total += length;
      return inner.read(offset, length, options);
    },
    readSync: undefined as never,
  };
}

test("a file of nothing but signatures is read a few times, not once for each", async () => {
  const size = 8 * 1024 * 1024;
  const header = buildZip({ entries: [{ name: "a", local: { compressedSize: size / 2, size: size / 2 } }] });
  const whole = withoutDirectory(header);
  for (const unit of [text("PK\u0003\u0004"), text("PK\u0007\u0008"), text("PK\u0001\u0002"), whole]) {
    const bytes = new Uint8Array(size);
    for (let at = 0; at + unit.length <= size; at += unit.length) bytes.set(unit, at);
    const source = counted(bytes);
    const found = await salvageArchive(source).catch((error: Error) => error);
    if (found instanceof Error) expect(found.message).toMatch(/again and again/);
    else expect(found.entries).toBe(0);
    expect(source.total()).toBeLessThan(7 * size);
  }
});

const PYTHON = `
import sys, zipfile, json
print(json.dumps({n: zipfile.ZipFile(sys.argv[1]).read(n).hex() for n in zipfile.ZipFile(sys.argv[1]).namelist()}))
`;
const folder = mkdtempSync(join(tmpdir(), "ozx-salvage-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("archives that Python streams are salvaged", skipFor(withoutTool("python3")), async () => {
  const path = join(folder, "stream.zip");
  execFileSync("python3", [
    "-c",
    "import sys,zipfile,os\nclass S:\n  def __init__(s,f): s.f=f\n  def write(s,b): return s.f.write(b)\n  def flush(s): pass\nz=zipfile.ZipFile(S(open(sys.argv[1],'wb')),'w',zipfile.ZIP_DEFLATED)\nfor k in range(8): z.writestr('c/%d'%k, bytes((i*k)%251 for i in range(5000)))\nz.close()",
    path,
  ]);
  const oracle = JSON.parse(execFileSync("python3", ["-c", PYTHON, path], { encoding: "utf8" }));
  const bytes = readFileSync(path);
  const { contents, lost } = await salvage(withoutDirectory(bytes));
  expect(lost).toEqual([]);
  const found = Object.fromEntries(
    [...contents].map(([key, value]) => [key.slice(1), Buffer.from(value).toString("hex")]),
  );
  expect(found).toEqual(oracle);
});
