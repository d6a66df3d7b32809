import { readFileSync } from "node:fs";
import { join } from "node:path";
import { planTransfer, runTransfer } from "@ozx/convert";
import type { Finding } from "@ozx/core";
import { memorySink, memorySource } from "@ozx/core/container";
import { describeWithSharedData } from "@ozx/testing";
import { expect, test } from "vitest";
import { findEntry, openOzx, ozxFormat, planRepair, repairTail } from "../../src/index.js";
import { openArchive } from "../../src/read/archive.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { buildZip, zip64Extra } from "../fixtures/build-zip.js";
import { simulatedFile } from "../repair/simulated-file.js";
import { added, conforming, ENTRIES, entry } from "./conforming.js";

async function findingsIn(bytes: Uint8Array, name = "image.ozx"): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkArchive(memorySource(bytes, name), { deep: true })) findings.push(finding);
  return findings;
}

function errors(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ severity }) => severity === "error")
    .map(({ rule, message }) => `${rule}: ${message}`);
}

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SHARD = 5;

test.each([
  ["its top level", { jsonFirst: true, ome: { version: "0.5" } }],
  ["ome", { ome: { version: "0.5", jsonFirst: true } }],
  ["ome.zipFile", { ome: { version: "0.5", zipFile: { jsonFirst: true } } }],
])("jsonFirst in %s, as webknossos-libs writes it, is named, and a fix moves it", async (level, comment) => {
  const bytes = conforming({ comment: JSON.stringify(comment) });
  const found = (await findingsIn(bytes)).filter(({ rule }) => rule === "jsonfirst-type");
  expect(found.map(({ message }) => message)).toEqual([
    `The comment has jsonFirst in ${level}, where no reader looks: RFC-9 has it in ome.zipFile.centralDirectory.`,
  ]);
  const file = simulatedFile(bytes);
  await repairTail(memorySource(bytes.slice()), file);
  expect(await findingsIn(file.bytes())).toEqual([]);
  expect(file.bytes()).toHaveLength(conforming().length);
});

test("a locator that points to itself is an error", async () => {
  const bytes = buildZip({ entries: ENTRIES });
  const end = bytes.length - 22;
  const locator = new Uint8Array(20);
  const view = new DataView(locator.buffer);
  view.setUint32(0, 0x07064b50, true);
  view.setUint32(8, end, true);
  view.setUint32(16, 1, true);
  const crafted = Buffer.concat([bytes.subarray(0, end), locator, bytes.subarray(end)]);
  expect(errors(await findingsIn(crafted)).join("\n")).toContain("The ZIP64 locator points to byte");
});

test("a second ZIP64 end record with another count is an error", async () => {
  const bytes = conforming({ comment: "" });
  const end = bytes.length - 98;
  const [record, rest] = [bytes.slice(end, end + 56), bytes.subarray(end + 56)];
  const second = record.slice();
  new DataView(second.buffer).setUint32(32, 3, true);
  const crafted = Buffer.concat([bytes.subarray(0, end), record, second, rest]);
  expect(errors(await findingsIn(crafted)).join("\n")).toContain("a second ZIP64 end record");
});

test("a ZIP64 field with other sizes than its header is an error", async () => {
  const extra = zip64Extra(1, 1, 1);
  for (const header of ["central", "local"] as const) {
    const odd = { name: "a/0/c/0/0", data: textBytes("the one shard of a"), [header]: { extra } };
    const bytes = conforming({ entries: ENTRIES.map((one, k) => (k === SHARD ? odd : one)) });
    expect(errors(await findingsIn(bytes)).join("\n"), header).toContain("zip64-wellformed");
  }
});

test("a name twice with other content is an error, whatever it names", async () => {
  const [first] = ENTRIES.slice(-1);
  const bytes = conforming({ entries: added({ ...entry(first?.name ?? "", textBytes("other")) }) });
  expect(errors(await findingsIn(bytes)).join("\n")).toContain("duplicates");
});

describeWithSharedData("archives that strangers met", "cases", (folder) => {
  const findingsOf = (name: string): Promise<Finding[]> => findingsIn(readFileSync(join(folder, name)), name);

  test("labels that were added in place by ozx 0.1: streaming readers do not find them", async () => {
    const found = (await findingsOf("labels-added-in-place.ozx")).filter(
      ({ rule }) => rule === "orphan-local",
    );
    expect(found.map(({ message }) => message).join("\n")).toContain("read the archive as a stream");
  });

  test("Rust's ozx 0.1.0: Python refuses it, and a fix makes it read", async () => {
    const bytes = readFileSync(join(folder, "rust-ozx-0.1.0.ozx"));
    expect(errors(await findingsIn(bytes))).toEqual([
      expect.stringContaining("zip64-agree: The ZIP64 end record has an extensible data sector of 75 bytes"),
    ]);
    const file = simulatedFile(bytes);
    expect((await planRepair(memorySource(bytes))).steps.map(({ rule }) => rule)).toContain("zip64-agree");
    await repairTail(memorySource(bytes.slice()), file);
    expect(errors(await findingsIn(file.bytes()))).toEqual([]);
  });

  test("names with backslashes, as Windows PowerShell 5.1 writes them, are read as folders and told", async () => {
    const bytes = readFileSync(join(folder, "backslash-names.zip"));
    const found = await findingsIn(bytes);
    expect(errors(found).filter((text) => /trust|backslash/.test(text))).toEqual([]);
    expect(found.filter(({ rule }) => rule === "name-backslash")[0]?.message).toContain("PowerShell");
    const plan = await planRepair(memorySource(bytes));
    expect(plan.steps.map(({ rule }) => rule)).toContain("name-backslash");
    const { directory } = await openArchive(memorySource(bytes));
    expect(findEntry(directory, "0/c/0/0/0")).toBeDefined();
    const sink = memorySink("fixed.ozx");
    await runTransfer(
      await planTransfer(await openOzx(memorySource(bytes)), ozxFormat),
      ozxFormat.target(sink),
    );
    expect(errors(await findingsIn(sink.bytes()))).toEqual([]);
  });

  test("bit 3 with the size in the local header, as libarchive and JSZip write it, is no error", async () => {
    const found = await findingsOf("zip-bit3-size-in-local.zip");
    expect(found.filter(({ rule }) => rule === "zip-lfh-match")).toEqual([]);
    expect(errors(found)).toEqual([]);
  });

  test.each([
    ["zip-flag-bit5.zip", "zip-method"],
    ["zip-locator-past-eof.zip", "zip64-wellformed"],
  ])("%s: an error of %s", async (name, rule) => {
    expect(errors(await findingsOf(name)).join("\n")).toContain(rule);
  });
});
