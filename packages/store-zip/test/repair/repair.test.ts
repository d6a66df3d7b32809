import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planTransfer, runTransfer } from "@ozx/convert";
import { type ByteSource, type Finding, isOzxError } from "@ozx/core";
import { type ByteSink, memorySink, memorySource } from "@ozx/core/container";
import { sampled, sampleMap, skipFor, testSample, withoutTool } from "@ozx/testing";
import { afterAll, describe, expect, test } from "vitest";
import {
  openOzx,
  ozxFormat,
  type PlanRepairOptions,
  planRepair,
  type RepairPlan,
  repairTail,
  type TailFile,
} from "../../src/index.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { contentsOf } from "../fixtures/read-all.js";
import { BROKEN_ARCHIVES, type BrokenArchive } from "../rules/broken-archives.js";
import { added, conforming, ENTRIES, entry } from "../rules/conforming.js";
import { crashes, kills, simulatedFile, tornGrowths } from "./simulated-file.js";

async function rulesBroken(bytes: Uint8Array): Promise<string[]> {
  const findings: Finding[] = [];
  for await (const finding of checkArchive(memorySource(bytes, "sample.ozx"), { deep: true }))
    findings.push(finding);
  return [...new Set(findings.map(({ rule, severity }) => `${rule} ${severity}`))];
}

/** The plan of `ozx fix`: without what needs a new file, where none can be written. */
async function planFix(source: ByteSource, options?: PlanRepairOptions): Promise<RepairPlan> {
  const plan = await planRepair(source, options);
  if (plan.kind !== "rewrite") return plan;
  try {
    await planTransfer(await openOzx(source), ozxFormat);
    return plan;
  } catch (error) {
    const steps = plan.steps.filter(({ moves }) => moves === "tail");
    if (!isOzxError(error) || steps.length === 0) throw error;
    return { steps, kind: "tail" };
  }
}

async function planOf(bytes: Uint8Array): Promise<{ steps: readonly { rule: string }[]; kind: string }> {
  return planFix(memorySource(bytes)).catch((error: unknown) => {
    if (isOzxError(error)) return { steps: [], kind: `refused: ${error._tag}` };
    throw error;
  });
}

async function contents(bytes: Uint8Array): Promise<Map<string, string>> {
  const store = await openZipStore(memorySource(bytes));
  const entries = [...(await contentsOf(store))].map(
    ([key, value]) => [key, Buffer.from(value ?? []).toString("base64")] as const,
  );
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const folder = mkdtempSync(join(tmpdir(), "ozx-fix-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The contents of archives as Python's zipfile reads them, all in one process; undefined for what it refuses. */
function allByPython(archives: readonly Uint8Array[]): (object | undefined)[] {
  const list = join(folder, "archives.json");
  const paths = archives.map((bytes, k) => {
    const path = join(folder, `archive-${k}.zip`);
    writeFileSync(path, bytes);
    return path;
  });
  writeFileSync(list, JSON.stringify(paths));
  const script = `
import hashlib, json, sys, zipfile
def contents(path):
    try:
        with zipfile.ZipFile(path) as z:
            return {i.filename: hashlib.sha256(z.read(i)).hexdigest() for i in z.infolist() if not i.is_dir()}
    except Exception:
        return None
print(json.dumps([contents(path) for path in json.load(open(sys.argv[1]))], sort_keys=True))
`;
  const stdio = ["ignore", "pipe", "ignore"] as const;
  const options = { stdio: [...stdio], maxBuffer: 1 << 30 };
  const read = JSON.parse(execFileSync("python3", ["-W", "ignore", "-c", script, list], options).toString());
  return read.map((one: object | null) => one ?? undefined);
}

function byPython(bytes: Uint8Array): object | undefined {
  return allByPython([bytes])[0];
}

const small = BROKEN_ARCHIVES.filter(({ rule }) => rule !== "cd-size");
const kinds = await Promise.all(small.map(async (one) => ({ ...one, plan: await planOf(one.bytes()) })));
const ofKind = (kind: string): (BrokenArchive & { plan: { steps: readonly { rule: string }[] } })[] =>
  kinds.filter(({ plan }) => plan.kind === kind);

/** What `ozx fix` does where data has to be moved: a conversion. */
async function rewriteArchive(source: ByteSource, sink: ByteSink): Promise<void> {
  await runTransfer(await planTransfer(await openOzx(source), ozxFormat), ozxFormat.target(sink));
}

test("what is repaired how", () => {
  const listing = kinds.map(({ rule, what, plan }) => `${plan.kind}: ${rule}, ${what}`);
  expect(listing.sort()).toMatchInlineSnapshot(`
    [
      "nothing: comment-content, metadata of the image",
      "nothing: comment-content, something of another program",
      "nothing: ext-ozx, a name that ends with .zip",
      "nothing: extra-fields, a timestamp",
      "nothing: jsonfirst-type, a member that RFC-9 does not know",
      "nothing: name-backslash, a backslash",
      "nothing: name-case, a file that is a folder too",
      "nothing: name-case, names that differ in case",
      "nothing: name-case, straße beside STRASSE",
      "nothing: name-normal-form, names that differ in how an é is written",
      "nothing: name-portable, a control character",
      "nothing: name-portable, a device of Windows",
      "nothing: name-portable, a dot at the end",
      "nothing: name-portable, a folder that is a device",
      "nothing: name-portable, a space at the end",
      "nothing: name-portable, text from right to left",
      "nothing: name-unsafe, a NUL",
      "nothing: name-unsafe, an absolute name",
      "nothing: name-unsafe, two dots",
      "nothing: name-utf8, a name that claims to be UTF-8",
      "nothing: no-nested-zip, a .zip inside",
      "nothing: no-nested-zip, a .zip of Zarr inside",
      "nothing: no-nested-zip, an .ozx inside",
      "nothing: no-nested-zip, an archive by another name",
      "nothing: no-v2-mix, metadata of Zarr v2 too",
      "nothing: one-hierarchy, a group without zarr.json",
      "nothing: one-hierarchy, a node in an array",
      "nothing: orphan-local, an entry that is not listed",
      "nothing: orphan-local, bytes before the directory",
      "nothing: orphan-local, bytes between entries",
      "nothing: root-is-ome, a root that is an array",
      "nothing: root-is-ome, a root that is no JSON",
      "nothing: root-is-ome, a root without ome",
      "nothing: sharding, chunks without shards",
      "nothing: symlink, a symbolic link",
      "nothing: unknown-files, a file of another kind",
      "nothing: version-consistent, two versions",
      "nothing: zip-crc, a byte of data changed",
      "nothing: zip-method, bzip2",
      "nothing: zip-method, patched data",
      "refused: InvalidArchive: not-multipart, a disk number in a central header",
      "refused: InvalidArchive: zip-eocd, no archive",
      "refused: InvalidArchive: zip-eocd, no end record",
      "refused: InvalidArchive: zip-eocd, nothing at all",
      "refused: InvalidArchive: zip-lfh-match, another CRC in the local header",
      "refused: InvalidArchive: zip-lfh-match, another method in the local header",
      "refused: InvalidArchive: zip-lfh-match, another name in the local header",
      "refused: InvalidArchive: zip-lfh-match, another size in the local header",
      "refused: InvalidArchive: zip-lfh-match, no local header",
      "refused: InvalidArchive: zip-lfh-match, other flags in the local header",
      "refused: InvalidArchive: zip-overlap, two entries with one body",
      "refused: InvalidArchive: zip-sizes, two sizes of a stored entry",
      "refused: InvalidMetadata: root-zarr-json, no root",
      "refused: UnknownFormat: root-zarr-json, Zarr v2",
      "refused: Unsupported: no-encryption, the flag of encryption",
      "refused: Unsupported: not-multipart, a disk number in the end record",
      "refused: Unsupported: not-multipart, fewer entries on this disk than in all",
      "refused: Unsupported: not-multipart, two disks by the locator",
      "rewrite: bfs-order, a deeper zarr.json first, in the file",
      "rewrite: data-descriptor, sizes behind the data",
      "rewrite: extra-wellformed, bytes that are no block",
      "rewrite: extra-wellformed, other blocks in the local header than in the central one",
      "rewrite: extra-wellformed, two ZIP64 fields",
      "rewrite: json-before-data, a zarr.json after a chunk, in the file",
      "rewrite: name-backslash, backslashes of Windows PowerShell",
      "rewrite: name-encoding, a name in UTF-8 that does not say so",
      "rewrite: not-multipart, the mark of an archive that was not split in the end",
      "rewrite: prefix-bytes, a program before the archive, offsets off",
      "rewrite: prefix-bytes, a program before the archive, offsets right",
      "rewrite: root-first-local, another zarr.json first in the file",
      "rewrite: stored, a deflated shard",
      "rewrite: zip-version, version 12.0 of ZIP",
      "rewrite: zip64-wellformed, an offset in a local ZIP64 field",
      "tail: bfs-order, a deeper zarr.json first, in the directory",
      "tail: bfs-order, children in another order than their parents",
      "tail: comment-json, a comment in the extensible data sector",
      "tail: comment-json, a comment that is a list",
      "tail: comment-json, a comment that is no JSON",
      "tail: comment-json, a comment that is not UTF-8",
      "tail: comment-json, a comment that is null",
      "tail: comment-json, a comment without ome",
      "tail: comment-json, a version that is a number",
      "tail: comment-json, no comment",
      "tail: comment-size, a long comment",
      "tail: comment-tolerance, NULs at the end",
      "tail: comment-tolerance, a byte order mark",
      "tail: comment-tolerance, a trailing comma",
      "tail: comment-tolerance, single quotes",
      "tail: comment-version, another version",
      "tail: dir-entries, a folder at the end",
      "tail: dir-entries, a folder before a zarr.json",
      "tail: duplicates, a shard twice",
      "tail: duplicates, a shard twice, with other content",
      "tail: duplicates, a zarr.json twice with other content",
      "tail: json-before-data, a zarr.json after a chunk, in the directory",
      "tail: jsonfirst-true-but-false, a jsonFirst that is not true of a zarr.json below the root",
      "tail: jsonfirst-true-but-false, a jsonFirst that is not true of the order of depths",
      "tail: jsonfirst-type, a jsonFirst that is a string",
      "tail: jsonfirst-type, a zipFile that is true",
      "tail: jsonfirst-unclaimed, no jsonFirst where it would be true",
      "tail: orphan-local, bytes behind the directory",
      "tail: root-first-cd, another zarr.json first in the directory",
      "tail: trailing-bytes, bytes after the comment",
      "tail: zip-eocd, fewer entries counted than there are",
      "tail: zip64-wellformed, a central ZIP64 field for nothing",
    ]
  `);
});

test("nothing is planned for an archive that conforms", async () => {
  expect(await planFix(memorySource(conforming()))).toEqual({ steps: [], kind: "nothing" });
});

describe("the end of the archive is written again", () => {
  test.for(ofKind("tail"))("$rule: $what", async ({ bytes, plan }) => {
    const before = bytes();
    const file = simulatedFile(before);
    const { size } = await repairTail(memorySource(before.slice()), file);
    const after = file.bytes();
    expect(after).toHaveLength(size);
    expect(await planFix(memorySource(after))).toEqual({ steps: [], kind: "nothing" });
    const broken = (await rulesBroken(after)).map((one) => one.split(" ")[0]);
    for (const { rule } of plan.steps) expect(broken).not.toContain(rule);
    expect(await contents(after)).toEqual(await contentsBefore(before));
  });

  testSample(ofKind("tail"), 6)(
    "Python's zipfile reads the same: $rule, $what",
    async ({ bytes }) => {
      const file = simulatedFile(bytes());
      await repairTail(memorySource(bytes()), file);
      const [oracle, found] = allByPython([bytes(), file.bytes()]);
      if (oracle !== undefined) expect(found).toEqual(oracle);
    },
    skipFor(withoutTool("python3")),
  );

  test.for(ofKind("tail"))(
    "a crash at any moment leaves it readable: $rule, $what",
    async ({ bytes, plan }) => {
      const before = bytes();
      const file = simulatedFile(before);
      await repairTail(memorySource(before.slice()), file);
      const expected = await contents(file.bytes());
      const states = [...crashes(before, file.groups())];
      for (const state of sampled(states, 6)) {
        // Bytes behind the end are what keeps the archive from being opened before anything was done.
        if (plan.steps[0]?.rule === "trailing-bytes" && state.length === before.length) continue;
        expect(await contents(state)).toEqual(expected);
      }
      expect(states.length).toBeGreaterThan(5);
    },
  );
});

test("a power cut while the file grows leaves bytes behind the end, which the next fix cuts off", async () => {
  const bytes = conforming({ comment: "" });
  const file = simulatedFile(bytes);
  await repairTail(memorySource(bytes.slice()), file);
  for (const state of tornGrowths(bytes, file.groups())) {
    const again = simulatedFile(state);
    await repairTail(memorySource(state.slice()), again);
    expect(again.bytes()).toEqual(file.bytes());
  }
});

test("Python's zipfile reads what a killed fix leaves, at every moment", {
  ...skipFor(withoutTool("python3")),
  timeout: 300_000,
}, async () => {
  for (const { bytes, rule } of sampled(ofKind("tail"), 4)) {
    const before = bytes();
    if (byPython(before) === undefined || rule === "trailing-bytes") continue;
    const file = simulatedFile(before);
    await repairTail(memorySource(before.slice()), file);
    const expected = byPython(before);
    for (const found of allByPython([...kills(before, file.groups())])) expect(found).toEqual(expected);
  }
});

async function contentsBefore(bytes: Uint8Array): Promise<Map<string, string>> {
  return contents(bytes).catch(() => contents(bytes.subarray(0, bytes.length - 2)));
}

test("a repaired archive is what a writer would have written, and nothing is left behind", async () => {
  const file = simulatedFile(conforming({ listing: [6, 5, 4, 3, 2, 1, 0], comment: "old" }));
  await repairTail(memorySource(file.bytes().slice()), file);
  expect(await rulesBroken(file.bytes())).toEqual([]);
  expect(file.bytes()).toHaveLength(conforming().length);
});

test("what a crash leaves behind the next fix takes away", async () => {
  const bytes = conforming({ comment: "" });
  const file = simulatedFile(bytes);
  await repairTail(memorySource(bytes.slice()), file);
  for (const state of sampled(crashes(bytes, file.groups()), 10)) {
    const again = simulatedFile(state);
    await repairTail(memorySource(state.slice()), again);
    expect(again.bytes()).toEqual(file.bytes());
  }
});

test.each([0, 100, 600])(
  "what cannot be written, as on a full disk, leaves the file as it was: after %i bytes",
  async (fits) => {
    const bytes = conforming({ comment: "" });
    const file = simulatedFile(bytes);
    const full: TailFile = {
      ...file,
      write: async (position, part) => {
        await file.write(position, part.subarray(0, fits));
        throw new Error("no space left");
      },
    };
    await expect(repairTail(memorySource(bytes.slice()), full)).rejects.toThrow("no space left");
    expect(file.bytes()).toEqual(bytes);
  },
);

test("data of duplicates stays behind and is counted", async () => {
  const double = conforming({ entries: added(ENTRIES[6]) });
  const file = simulatedFile(double);
  const { wasted } = await repairTail(memorySource(double), file);
  expect(wasted).toBe(30 + 9 + 20 + 18);
  expect(await rulesBroken(file.bytes())).toEqual(["orphan-local warning"]);
});

test("an archive of many entries is repaired too", async () => {
  const many = Array.from({ length: 4000 }, (_, i) => entry(`a/0/c/1/${i}`, String(i)));
  const bytes = conforming({ entries: [...many, ...ENTRIES], comment: "" });
  const listed = conforming({
    entries: [...ENTRIES, ...many],
    listing: [...ENTRIES, ...many].map((_, i) => many.length + ENTRIES.length - 1 - i),
    comment: "",
  });
  expect((await planFix(memorySource(bytes))).kind).toBe("rewrite");
  const file = simulatedFile(listed);
  await repairTail(memorySource(listed.slice()), file);
  for (const state of sampled(crashes(listed, file.groups()), 10)) {
    expect((await openZipStore(memorySource(state))).archive.directory.count).toBeGreaterThan(7);
  }
});

test("what other programs put into the directory and the comment stays", async () => {
  const bytes = conforming({ comment: JSON.stringify({ ome: { version: "0.4", other: 1 }, mine: [2] }) });
  const file = simulatedFile(bytes);
  await repairTail(memorySource(bytes.slice()), file);
  const { archive } = await openZipStore(memorySource(file.bytes()));
  expect(JSON.parse(new TextDecoder().decode(archive.end.comment))).toEqual({
    mine: [2],
    ome: { other: 1, version: "0.5", zipFile: { centralDirectory: { jsonFirst: true } } },
  });
});

test("an archive after other bytes is not repaired in place", async () => {
  const bytes = conforming({ prefix: new Uint8Array(10), comment: "" });
  const file = simulatedFile(bytes);
  await expect(repairTail(memorySource(bytes), file)).rejects.toThrow("write it into a new file");
  expect(file.bytes()).toEqual(bytes);
});

describe("the archive is rewritten", () => {
  const subFolder: BrokenArchive = {
    rule: "root-zarr-json",
    what: "the image in a folder",
    bytes: () =>
      conforming({
        entries: ENTRIES.map((one) => ({ ...one, name: `image.zarr/${one.name}` })),
        comment: JSON.stringify({ ome: { version: "0.5" } }),
      }),
    expected: [],
  };
  const archives = [...ofKind("rewrite"), subFolder];
  test.for(archives)("$rule: $what", async ({ bytes }) => {
    const source = memorySource(bytes());
    const { steps } = await planFix(source);
    expect(steps.length).toBeGreaterThan(0);
    const sink = memorySink("fixed.ozx");
    await rewriteArchive(source, sink);
    const broken = (await rulesBroken(sink.bytes())).map((one) => one.split(" ")[0]);
    for (const { rule } of steps) expect(broken).not.toContain(rule);
  });

  // Without the flag Python takes UTF-8 for code page 437, and a backslash is part of a name to it.
  const readable = archives.filter(({ rule }) => rule !== "name-encoding" && rule !== "name-backslash");
  testSample(readable, 6)(
    "Python's zipfile reads the same: $rule, $what",
    async ({ bytes }) => {
      const sink = memorySink("fixed.ozx");
      await rewriteArchive(memorySource(bytes()), sink);
      const strip = (files: object): object =>
        Object.fromEntries(
          Object.entries(files).map(([name, hash]) => [name.replace("image.zarr/", ""), hash]),
        );
      const [oracle, found] = allByPython([bytes(), sink.bytes()]);
      if (oracle !== undefined) expect(found).toEqual(strip(oracle));
    },
    skipFor(withoutTool("python3")),
  );
});

test("OME-Zarr 0.4 is upgraded on the way", async () => {
  const sample = await sampleMap({ version: "0.4", size: { c: 1, z: 1, y: 16, x: 16 }, levels: 1 });
  const bytes = conforming({ entries: [...sample].map(([key, value]) => entry(key.slice(1), value)) });
  expect(await planFix(memorySource(bytes))).toMatchObject({ kind: "rewrite" });
  const sink = memorySink("fixed.ozx");
  await rewriteArchive(memorySource(bytes), sink);
  // Its chunks stay as they are, one by one.
  expect(await rulesBroken(sink.bytes())).toEqual(["sharding info"]);
});

test("with strict, what wastes space or lacks ZIP64 is rewritten", async () => {
  const plain = conforming({ entries: ENTRIES.map(({ name, data }) => ({ name, data })) });
  expect((await planFix(memorySource(plain))).kind).toBe("tail");
  expect((await planFix(memorySource(plain), { strict: true })).kind).toBe("rewrite");
});

test("an aborted fix writes nothing", async () => {
  const bytes = conforming({ comment: "" });
  const file = simulatedFile(bytes);
  const signal = AbortSignal.abort();
  await expect(repairTail(memorySource(bytes), file, { signal })).rejects.toThrow(/abort/i);
  expect(file.groups()).toEqual([[]]);
});
