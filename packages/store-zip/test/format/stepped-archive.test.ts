import { type GrowingFile, memorySource } from "@ozx/core/container";
import { expect, test } from "vitest";
import { openSteppedArchive } from "../../src/index.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { contentsOf } from "../fixtures/read-all.js";
import { crashes, kills, simulatedFile } from "../repair/simulated-file.js";
import { array, omeGroup } from "../rules/conforming.js";

/** An archive that grows by steps: what is in it when the process is killed at any moment. */

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function visibleFile() {
  const file = simulatedFile(new Uint8Array(0));
  let published: number | undefined;
  const visible: GrowingFile = {
    ...file,
    name: "movie.ozx",
    async publish() {
      published = file.groups().flat().length;
    },
    async close() {},
    async discard() {},
  };
  return { file, visible, published: () => published ?? Number.POSITIVE_INFINITY };
}

const chunk = (t: number): Uint8Array => text(`${t}`.repeat(700 + 90 * (t % 3)));

/** A movie of some steps, of one time point or several each. */
async function movie(steps: readonly number[], reserve: number) {
  const { file, visible, published } = visibleFile();
  const writer = openSteppedArchive(visible, { version: "0.5", reserve });
  let length = 0;
  for (const count of steps) {
    const entries = Array.from({ length: count }, (_, k) => ({
      key: `/a/c/${length + k}/0` as const,
      bytes: chunk(length + k),
    }));
    length += count;
    const documents = [
      ...(length === count ? [{ key: "/zarr.json" as const, bytes: omeGroup(), fixed: true }] : []),
      {
        key: "/a/zarr.json" as const,
        bytes: array({ shape: [length, 8], chunks: [1, 8], codecs: [{ name: "bytes" }] }),
      },
    ];
    await writer.step({ entries, documents });
  }
  return { file, writer, length, published };
}

/** How many time points an archive has; each must have its value. */
async function timesIn(bytes: Uint8Array): Promise<number> {
  const contents = await contentsOf(await openZipStore(memorySource(bytes)));
  const document = JSON.parse(new TextDecoder().decode(contents.get("/a/zarr.json") ?? new Uint8Array(0)));
  const [length] = document.shape as [number];
  expect(contents.size).toBe(length + 2);
  for (let t = 0; t < length; t++) expect(contents.get(`/a/c/${t}/0`)).toEqual(chunk(t));
  return length;
}

test.each([
  [[1, 1, 1, 1, 1, 1, 1, 1], 100],
  [[1, 2, 1, 3, 1, 1, 1], 2500],
  [[1, 1, 1, 1, 1, 1], 1_000_000],
])("steps of %j with %i bytes reserved: before or after, at every moment", async (steps, reserve) => {
  const { file, writer, published } = await movie(steps, reserve);
  await writer.close();
  const states: number[] = [];
  let at = 0;
  for (const state of kills(new Uint8Array(0), file.groups())) {
    if (++at < published()) continue;
    const times = await timesIn(state);
    expect(times).toBeGreaterThanOrEqual(states.at(-1) ?? 0);
    states.push(times);
  }
  let total = 0;
  const sums = steps.map((count) => (total += count));
  expect([...new Set(states)]).toEqual(sums);
});

test("after a power cut it is as before or after a step, whatever of it has reached the disk", async () => {
  const { file, writer } = await movie([1, 1, 1, 1, 1], 1200);
  await writer.close();
  const groups = file.groups();
  // The first two groups are not visible yet.
  const first = groups.slice(0, 2).flat();
  const begun = simulatedFile(new Uint8Array(0));
  for (const operation of first)
    if ("bytes" in operation) await begun.write(operation.position, operation.bytes);
  for (const state of crashes(begun.bytes(), groups.slice(2))) {
    expect(await timesIn(state)).toBeGreaterThanOrEqual(1);
  }
});

test("what is closed has no free bytes, follows RFC-9, and its length is that of its data", async () => {
  const { file, writer, length } = await movie([1, 1, 2, 1, 1], 700);
  await writer.close();
  expect(await timesIn(file.bytes())).toBe(length);
  const findings: string[] = [];
  for await (const { rule, severity } of checkArchive(memorySource(file.bytes(), "movie.ozx"), {
    deep: true,
  }))
    if (severity !== "info") findings.push(rule);
  // The array's document, which changes, is behind the data.
  expect(findings).toEqual(["sharding", "json-before-data"]);
  const { archive } = await openZipStore(memorySource(file.bytes()));
  expect(archive.end).toMatchObject({ shift: 0, gap: 0 });
});

test("a long series of small steps does not make the file much longer than its data", async () => {
  const { file, length } = await movie(
    Array.from({ length: 300 }, () => 1),
    5000,
  );
  const { archive } = await openZipStore(memorySource(file.bytes()));
  expect(length).toBe(300);
  const data = Array.from({ length }, (_, t) => chunk(t).length + 80).reduce((sum, size) => sum + size);
  expect(file.bytes().length).toBeLessThan(data + 20 * archive.end.directorySize + 50_000);
});
