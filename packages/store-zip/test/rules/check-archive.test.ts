import { planTransfer, runTransfer } from "@ozx/convert";
import type { Finding } from "@ozx/core";
import { memorySink, memorySource } from "@ozx/core/container";
import { sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { ozxFormat } from "../../src/index.js";
import { ARCHIVE_RULES } from "../../src/rules/archive-rules.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import type { CheckArchiveOptions } from "../../src/rules/scan-archive.js";
import { buildPattern, type Zip64Pattern } from "../fixtures/zip64-patterns.js";
import { BROKEN_ARCHIVES } from "./broken-archives.js";
import { conforming, ENTRIES } from "./conforming.js";

async function check(bytes: Uint8Array, options: CheckArchiveOptions = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkArchive(memorySource(bytes, "sample.ozx"), options))
    findings.push(finding);
  return findings;
}

/** Each rule that was broken, once, with the severity it was broken with. */
function summaries(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule, severity }) => `${rule} ${severity}`))].sort();
}

test("a conforming archive has no findings", async () => {
  expect(await check(conforming(), { deep: true })).toEqual([]);
});

test("an archive of ours has no findings", async () => {
  const sink = memorySink("sample.ozx");
  const store = await sampleStore({ shards: true });
  await runTransfer(await planTransfer(store, ozxFormat), ozxFormat.target(sink));
  const findings = await check(sink.bytes(), { deep: true });
  // The sample's tables are not sharded, and are no part of OME-Zarr.
  expect(findings.filter(({ where }) => !where.startsWith("/tables/"))).toEqual([]);
});

/** Damage is not reported as an attack. */
const OTHER_HELP = new Map([["no local header", "The file is damaged: copy or download it again."]]);

describe("an archive that breaks one rule has that finding and no other", () => {
  test.for(BROKEN_ARCHIVES)("$rule: $what", async ({ bytes, expected, name, rule, what }) => {
    const findings = await check(bytes(), { deep: true, ...(name !== undefined && { name }) });
    const text = ARCHIVE_RULES.find(({ id }) => id === rule);
    expect(summaries(findings)).toEqual(expected.map((one) => one.join(" ")).sort());
    for (const finding of findings.filter((one) => one.rule === rule)) {
      const help = OTHER_HELP.get(what) ?? text?.help;
      expect(finding).toMatchObject({ level: text?.level, help });
    }
  });

  test("every rule is broken by one", () => {
    const broken = new Set(BROKEN_ARCHIVES.map(({ rule }) => rule));
    const byPattern = ["zip64-archive", "zip64-entries", "zip64-agree"];
    expect(ARCHIVE_RULES.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual(byPattern);
  });
});

describe("ZIP64 at each of its three places", () => {
  const NONE = ["zip64-archive warning"];
  const LOCAL = "zip64-entries warning";
  const CENTRAL = "zip64-entries info";
  const EXPECTED: Record<Zip64Pattern, readonly string[]> = {
    "A: local headers": [...NONE, CENTRAL],
    "B: end records": [LOCAL, CENTRAL],
    "C: local headers and end records": [CENTRAL],
    "D: everywhere": [],
    "E: everywhere but in offsets": [],
    "F: end records, the classic one with its values": [LOCAL, CENTRAL, "zip64-agree warning"],
    "G: central headers": [...NONE, LOCAL, "zip64-agree warning"],
    "H: local headers and end records, the classic one with its values": [CENTRAL, "zip64-agree warning"],
  };
  test.for(Object.keys(EXPECTED) as Zip64Pattern[])("%s", async (pattern) => {
    const plain = ENTRIES.map(({ name, data }) => ({ name, data }));
    const findings = await check(buildPattern(pattern, plain));
    expect(summaries(findings).filter((one) => one !== "comment-json warning")).toEqual(
      [...EXPECTED[pattern]].sort(),
    );
  });
});

test("every rule says what conforms, and how to get there, in its own words", () => {
  expect(new Set(ARCHIVE_RULES.map(({ id }) => id)).size).toBe(ARCHIVE_RULES.length);
  for (const { title, help } of ARCHIVE_RULES) {
    expect(title).toMatch(/^[a-z]/i);
    expect(help).toMatch(/\.$/);
  }
});

test("what recommendations there are", () => {
  const clauses = ARCHIVE_RULES.flatMap(({ id, clause }) => (clause ? [`${clause} ${id}`] : []));
  expect(clauses.sort()).toMatchInlineSnapshot(`
    [
      "R1 one-hierarchy",
      "R1 root-is-ome",
      "R2 root-zarr-json",
      "R3 no-nested-zip",
      "R4 not-multipart",
      "S1 zip64-archive",
      "S1 zip64-entries",
      "S2 stored",
      "S3 sharding",
      "S4 bfs-order",
      "S4 json-before-data",
      "S4 root-first-cd",
      "S4 root-first-local",
      "S5 ext-ozx",
      "S6 comment-json",
    ]
  `);
});
