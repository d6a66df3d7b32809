import { type ByteSource, isOzxError, UnreadableError } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { sampled } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { openOzx } from "../../src/index.js";
import { buildZip, type OddEntry } from "../fixtures/build-zip.js";
import { ascii } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { errorsOf, expectTypedErrors, readAll } from "../fixtures/read-all.js";
import { failingSource, scatteringSource } from "../fixtures/watched-source.js";
import { buildPattern } from "../fixtures/zip64-patterns.js";

const GROUP = ascii(JSON.stringify({ zarr_format: 3, node_type: "group", attributes: { ome: {} } }));
const entries: OddEntry[] = [
  { name: "zarr.json", data: GROUP },
  { name: "0/c/0", data: new Uint8Array(100).fill(3) },
  { name: "0/c/1", data: ascii("deflated ".repeat(20)), deflate: true, descriptor: "signed" },
];
const comment = '{"ome":{"version":"0.5"}}';

const archives = {
  "a plain archive": buildZip({ entries, comment }),
  "an archive with ZIP64 everywhere": buildPattern("D: everywhere", entries),
  "an archive behind other bytes": buildZip({ entries, comment, prefix: ascii("before") }),
};

describe.for(Object.entries(archives))("%s", ([, whole]) => {
  test("is read whole", async () => {
    const outcome = await readAll(memorySource(whole));
    expect(errorsOf(outcome)).toEqual([]);
    expect(outcome.entries).toHaveLength(entries.length);
  });

  test("is refused when cut at any byte", async () => {
    for (const length of sampled(whole.keys(), 150)) {
      const opened = openZipStore(memorySource(whole.subarray(0, length)));
      await expect(opened, `${length} bytes`).rejects.toSatisfy((error) => isOzxError(error));
    }
  });

  test("gives a typed error or its data when any byte is another", async () => {
    for (const at of sampled(whole.keys(), 150)) {
      const changed = whole.slice();
      changed[at] = (whole[at] ?? 0) ^ 0xff;
      const outcome = await readAll(memorySource(changed));
      expectTypedErrors(outcome);
      // A file reads header and data apart, and must come to the same.
      expect(await readAll(scatteringSource(memorySource(changed)).source), `byte ${at}`).toEqual(outcome);
    }
  });

  test("takes one read a value where header and data can be read apart", async () => {
    const { source, read } = scatteringSource(memorySource(whole));
    const store = await openZipStore(source);
    for (const { name, data } of entries) {
      const before = read.calls;
      const value = await store.get(`/${name as string}`);
      expect(value).toEqual(data);
      expect(value?.byteLength).toBe(value?.buffer.byteLength);
      expect(read.calls).toBe(before + 1);
    }
  });

  test("takes one read a part, once a header like its own was seen", async () => {
    const { source, read } = scatteringSource(memorySource(whole));
    const store = await openZipStore(source);
    await store.get("/zarr.json");
    const before = read.calls;
    expect(await store.getRange("/0/c/0", { offset: 50, length: 10 })).toEqual(new Uint8Array(10).fill(3));
    expect(read.calls).toBe(before + 1);
  });
});

/** Opens and reads everything; how many reads that takes. */
async function useAll(source: ByteSource): Promise<void> {
  const store = await openOzx(source);
  for await (const { key } of store.list()) {
    await store.get(key);
    await store.getRange(key, { suffixLength: 4 });
    for await (const _ of (await store.stream(key)) ?? []);
  }
}

describe("a source whose reads fail", () => {
  // The end of the file is read once; what lies further to the front is not.
  const whole = buildZip({ entries, comment, beforeDirectory: new Uint8Array(200_000) });

  test("gives its own error, at whichever read it happens", async () => {
    const failure = new UnreadableError("the disk is gone", { location: "disk" });
    let failing = 0;
    for (; failing < 1000; failing++) {
      const source = failingSource(memorySource(whole), failing, failure);
      const error = await useAll(source).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (error === undefined) break;
      expect(error, `read ${failing}`).toBe(failure);
    }
    expect(failing).toBeGreaterThan(6);
    expect(failing).toBeLessThan(1000);
  });

  test("does not harm the reads after it", async () => {
    const failure = new UnreadableError("for a moment", { location: "disk" });
    // Opening takes fewer reads than this.
    const store = await openZipStore(failingSource(memorySource(whole), 3, failure));
    const values: unknown[] = [];
    for (let i = 0; i < 12; i++) {
      values.push(await store.getRange("/0/c/0", { offset: i, length: 1 }).catch((error: unknown) => error));
    }
    expect(values.filter((value) => value === failure)).toHaveLength(1);
    expect(values.filter((value) => value instanceof Uint8Array && value[0] === 3)).toHaveLength(11);
  });

  test("an abort in the middle is an AbortError, wherever it happens", async () => {
    const store = await openZipStore(memorySource(whole));
    const controller = new AbortController();
    const reading = store.stream("/0/c/1", { signal: controller.signal });
    controller.abort();
    await expect(
      (async () => {
        for await (const _ of (await reading) ?? []);
      })(),
    ).rejects.toMatchObject({ name: "AbortError" });
  });

  test("a deflated value that takes long can be aborted between its pieces", async () => {
    const entry = { name: "zeros", data: new Uint8Array(2 ** 25), deflate: true };
    const store = await openZipStore(memorySource(buildZip({ entries: [entry] })));
    const controller = new AbortController();
    let size = 0;
    const reading = async (): Promise<void> => {
      for await (const piece of (await store.stream("/zeros", { signal: controller.signal })) ?? []) {
        size += piece.length;
        controller.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject({ name: "AbortError" });
    expect(size).toBeLessThan(2 ** 25);
  });
});
