import type { Finding, OzxError, Store } from "@ozx/core";
import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { BOMB_EXTENT, bombImages, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type PlanOptions, planTransfer, runTransfer, verifyStores } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

/** Well below the 160 MB that a chunk decodes to, and above what a test leaves for the collector. */
const LITTLE = 100 * 1024 * 1024;
const BOMBS = await bombImages();

/** What memory work takes at most while it runs, in bytes. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 1);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, process.memoryUsage().rss) - before;
}

async function convert(source: Store, options: PlanOptions): Promise<void> {
  await runTransfer(await planTransfer(source, { zarrFormat: 3 }, options), memoryTarget());
}

const WHOLE = smallImage(
  { "/": imageMetadata("yx") },
  { "/0": { shape: [BOMB_EXTENT, BOMB_EXTENT], dataType: "uint8", valueAt: () => 1 } },
);

async function verify(source: Store): Promise<void> {
  const other = memoryStore(WHOLE, "other");
  for await (const _ of verifyStores(source, other)) return;
}

const VERBS: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  [
    "read",
    async (store) => {
      const { images } = await openOmeZarr(store, { formats: [] });
      await images[0]?.levels[0]?.read({ y: [0, 4], x: [0, 4] });
    },
  ],
  ["convert --codec", (store) => convert(store, { codec: { name: "gzip", level: 5 } })],
  ["convert --pyramid", (store) => convert(store, { pyramid: true })],
  ["verify", verify],
];

describe.for(BOMBS)("a chunk of zeros without an end in %s", ([, values]) => {
  const store = memoryStore(values, "bomb");

  test("is refused in little memory by every verb", async () => {
    for (const [verb, run] of VERBS) {
      let error: unknown;
      const taken = await memoryOf(() =>
        run(store).catch((thrown: unknown) => {
          error = thrown;
        }),
      );
      expect((error as OzxError | undefined)?._tag, `${verb}: ${error}`).toMatch(
        /^(CorruptData|InvalidMetadata|Unsupported)$/,
      );
      expect(String(error), verb).toMatch(/\b0\b.* in bomb|bomb/);
      expect(taken, verb).toBeLessThan(LITTLE);
    }
  });

  test("is a finding", async () => {
    const rules: string[] = [];
    const taken = await memoryOf(async () => {
      const onFinding = ({ rule }: Finding): void => void rules.push(rule);
      await validateOmeZarr(store, { formats: [], deep: true, onFinding });
    });
    expect(rules.join()).toMatch(/chunk-decodes|codec|zarr-unreadable/);
    expect(taken).toBeLessThan(LITTLE);
  });
});
