import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { describeWithSharedData } from "@ozx/testing";
import { expect, test } from "vitest";
import { checkArchive } from "../../src/rules/check-archive.js";

async function findingsIn(bytes: Uint8Array, name = "image.ozx"): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkArchive(memorySource(bytes, name), { deep: true })) findings.push(finding);
  return findings;
}

describeWithSharedData("archives that strangers met", "cases", (folder) => {
  const findingsOf = (name: string): Promise<Finding[]> =>
    findingsIn(readFileSync(join(folder, name)), name);

  test("labels that were added in place by ozx 0.1: streaming readers do not find them", async () => {
    const found = (await findingsOf("labels-added-in-place.ozx")).filter(({ rule }) => rule === "orphan-local");
    expect(found.map(({ message }) => message).join("\n")).toContain("read the archive as a stream");
  });
});
