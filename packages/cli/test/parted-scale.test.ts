import { createPlan, type PlanFile } from "@ozx/convert/node";
import { type AbsolutePath, readHierarchy } from "@ozx/core";
import { type EntryInput, memoryStore } from "@ozx/core/container";
import { MOST_PARTS, SMALLEST_PART } from "@ozx/core/internal/node";
import { ozxFormat } from "@ozx/store-zip";
import { type BucketServer, encodeJson, groupDocument, startBucketServer } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const BYTES = 5e12;
const PARTS = 1000;
/** Local header and central header of an entry, besides its name (APPNOTE 4.3.7 and 4.3.12, with ZIP64 fields). */
const [LOCAL, CENTRAL] = [30 + 20, 46 + 28];

/** Shards of an image, as entries that nothing is read of. */
function entriesOf(count: number): EntryInput[] {
  const root = encodeJson(groupDocument({ ome: { version: "0.5" } }));
  const entries: EntryInput[] = [{ key: "/zarr.json", size: root.length, content: root }];
  const size = Math.floor(BYTES / count);
  for (let k = 0; k < count; k++) {
    const key: AbsolutePath = `/0/c/${Math.floor(k / 1000)}/${k % 1000}`;
    // Sizes differ, as of compressed shards.
    entries.push({ key, size: size - (k % 97), content: key });
  }
  return entries;
}

async function planOf(entries: readonly EntryInput[]): Promise<PlanFile> {
  const source = memoryStore(
    new Map(entries.slice(0, 1).map(({ key, content }) => [key, content as Uint8Array])),
  );
  const transfer = {
    ...{ source, entries, documents: [], levels: [], rewritten: [], described: [], findings: [] },
    ...{ bytes: BYTES, from: "0.5", to: "0.5", isPlain: false, hierarchy: await readHierarchy(source) },
  };
  const request = { format: ozxFormat, parts: PARTS, input: "image.zarr", overwrite: true, options: {} };
  return createPlan({ ...request, transfer, output: "s3://b/image.ozx" });
}

// The calculation in docs/cluster.md, with fewer and larger entries.
describe("5 TB by 1,000 tasks into one upload", () => {
  const count = 20_000;
  const entries = entriesOf(count);
  let server: BucketServer;
  let plan: PlanFile;
  beforeAll(async () => {
    server = await startBucketServer();
    vi.stubEnv("AWS_ENDPOINT_URL", server.url);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_REGION", "r");
    plan = await planOf(entries);
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });

  test("every entry is in one part, and parts are alike", () => {
    expect(plan.parts).toBe(PARTS);
    let next = 0;
    for (const { from, to } of plan.work) {
      expect(from).toBe(next);
      next = to;
    }
    expect(next).toBe(count + 1);
    const names = entries.reduce((sum, { key }) => sum + key.length - 1, 0);
    const sizes = entries.reduce((sum, { size }) => sum + size, 0);
    // What parts write is all that lies before the directory.
    expect(plan.bytes).toBe(sizes + names + entries.length * LOCAL);
    const largestEntry = Math.max(...plan.work.map(({ from }) => entries[from]?.size ?? 0));
    expect(plan.largestPart).toBeLessThanOrEqual(plan.bytes / PARTS + largestEntry + LOCAL + 20);
  });

  test("the numbers and sizes of parts of the upload are those that S3 takes", () => {
    const numbers = plan.work.map(({ number = 0 }) => number);
    plan.work.forEach(({ bytes }, part) => {
      const used = (numbers[part + 1] ?? Number.POSITIVE_INFINITY) - (numbers[part] ?? 0);
      const parts = Math.ceil(bytes / (plan.partSize ?? 0));
      if (part < PARTS - 1) expect(used).toBe(parts);
      expect(bytes / parts).toBeGreaterThanOrEqual(SMALLEST_PART);
      expect(bytes / parts).toBeLessThan(5 * 1024 ** 3);
    });
    expect(numbers.at(-1)).toBeLessThan(MOST_PARTS - 1000);
    // Eight parts of each task, as docs/cluster.md says.
    expect(Math.ceil(plan.bytes / PARTS / (plan.partSize ?? 0))).toBe(8);
    expect(Math.round((plan.partSize ?? 0) / 1e6)).toBe(625);
  });

  test("no number in it is beyond what is exact", () => {
    expect(plan.bytes + entries.length * CENTRAL).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});
