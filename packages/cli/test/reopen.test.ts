import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { crc32 } from "node:zlib";
import type { AbsolutePath, Store, StoreDescriptor } from "@ozx/core";
import type { RangeQuery } from "@ozx/core/container";
import { memorySource } from "@ozx/core/container";
import { outsideSample, skipFor, startRangeServer, tempFolder, writeSampleFolder } from "@ozx/testing";
import { open, reopen } from "ozx";
import { beforeAll, describe, expect, test } from "vitest";
import { planeBytes, stackOf } from "../../store-tiff/test/fixtures/stack.js";
import { runOzx } from "./support/run-ozx.js";

const READER = fileURLToPath(new URL("support/reader.mjs", import.meta.url));
const READERS = 4;

interface Read {
  readonly key: AbsolutePath;
  readonly range?: RangeQuery;
}
interface Answer {
  readonly sums?: readonly number[];
  readonly shared?: boolean;
  readonly error?: string;
}
interface Job {
  readonly descriptor: StoreDescriptor | undefined;
  readonly reads: readonly Read[];
}

const temp = tempFolder();
let keys: AbsolutePath[];

beforeAll(async () => {
  const options = { size: { c: 2, z: 3, y: 256, x: 256 }, levels: 2, chunk: 32 } as const;
  await writeSampleFolder(temp.path("cells.zarr"), options);
  await writeSampleFolder(temp.path("others.zarr"), { ...options, seed: 2 });
  for (const name of ["cells", "others"]) {
    await runOzx(["convert", `${name}.zarr`, `${name}.ozx`], { cwd: temp.path() });
  }
  keys = [];
  const store = await open(temp.path("cells.ozx"));
  for await (const { key } of store.list()) keys.push(key);
  await store.close();
});

/** The bytes that a read must give, from the folder. */
function expected({ key, range }: Read): number {
  const file = readFileSync(temp.path("cells.zarr", key));
  if (range === undefined) return crc32(file);
  if ("suffixLength" in range) return crc32(file.subarray(-range.suffixLength));
  return crc32(file.subarray(range.offset, range.offset + range.length));
}

/** Reads in an order of each reader's own, whole values and parts. */
function readsOf(reader: number): Read[] {
  return Array.from({ length: 400 }, (_, i): Read => {
    const key = keys[(i * 7919 + reader * 104_729) % keys.length] as AbsolutePath;
    if (i % 3 === 0) return { key, range: { offset: i % 50, length: 20 } };
    return i % 3 === 1 ? { key, range: { suffixLength: 16 } } : { key };
  });
}

async function inThread(job: Job): Promise<Answer> {
  // Without the options of the test runner, by which packages would be looked for in their source.
  const worker = new Worker(READER, { workerData: job, execArgv: [] });
  const [answer] = await once(worker, "message");
  await worker.terminate();
  return answer as Answer;
}

async function inProcess(job: Job): Promise<Answer> {
  const child = fork(READER, { execArgv: [] });
  // On a busy machine it may have exited before its message is read, and its channel is closed after.
  const end = Promise.all([once(child, "exit"), once(child, "disconnect")]);
  let answer: Answer = { error: "no answer" };
  child.once("message", (message) => {
    answer = message as Answer;
  });
  child.send(job);
  await end;
  return answer;
}

/** Every reader at once, and this thread too. */
async function expectRight(store: Store, run: (job: Job) => Promise<Answer>): Promise<Answer[]> {
  const descriptor = store.descriptor?.();
  const jobs = Array.from({ length: READERS }, (_, reader) => ({ descriptor, reads: readsOf(reader) }));
  const own = readsOf(READERS).map(async ({ key, range }) =>
    crc32((await (range ? store.getRange(key, range) : store.get(key))) ?? new Uint8Array(0)),
  );
  const answers = await Promise.all(jobs.map(run));
  expect(await Promise.all(own)).toEqual(readsOf(READERS).map(expected));
  for (const [reader, { sums, error }] of answers.entries()) {
    expect(error).toBeUndefined();
    expect(sums).toEqual(readsOf(reader).map(expected));
  }
  return answers;
}

describe("several readers of one archive at once all get the right bytes", () => {
  test("threads, which share its index", async () => {
    const store = await open(temp.path("cells.ozx"), { shareIndex: true });
    for (const { shared } of await expectRight(store, inThread)) expect(shared).toBe(true);
    await store.close();
  });

  test("threads without a shared index", skipFor(outsideSample()), async () => {
    const store = await open(temp.path("cells.ozx"));
    for (const { shared } of await expectRight(store, inThread)) expect(shared).toBe(false);
    await store.close();
  });

  test("processes, to which JSON brings the descriptor without its index", async () => {
    const store = await open(temp.path("cells.ozx"), { shareIndex: true });
    expect(JSON.stringify(store.descriptor?.()).length).toBeLessThan(1000);
    for (const { shared } of await expectRight(store, inProcess)) expect(shared).toBe(false);
    await store.close();
  });

  test("threads that read a folder", async () => {
    await expectRight(await open(temp.path("cells.zarr")), inThread);
  });

  test("threads that read from a server", skipFor(outsideSample()), async () => {
    await using server = await startRangeServer(readFileSync(temp.path("cells.ozx")));
    const store = await open(server.url, { shareIndex: true });
    await expectRight(store, inThread);
    await store.close();
  });
});

describe("what is not the same file any more is refused", () => {
  const changed = { error: "SourceChanged" };
  const copy = (): string => temp.path("copy.ozx");
  const openCopy = async (options = {}): Promise<StoreDescriptor | undefined> => {
    copyFileSync(temp.path("cells.ozx"), copy());
    const store = await open(copy(), options);
    await store.close();
    return store.descriptor?.();
  };
  const readFrom = (descriptor: StoreDescriptor | undefined): Promise<Answer> =>
    inThread({ descriptor, reads: readsOf(1) });

  test.each([{}, { shareIndex: true }])("another archive in its place (%j)", async (options) => {
    const descriptor = await openCopy(options);
    copyFileSync(temp.path("others.ozx"), copy());
    expect(await readFrom(descriptor)).toEqual(changed);
  });

  test("one of the same length and date", async () => {
    const descriptor = await openCopy({ shareIndex: true });
    const { atime, mtime } = statSync(copy());
    const bytes = readFileSync(copy());
    // A CRC in the central directory, as it would be after a value of the same length was replaced.
    const at = bytes.lastIndexOf("PK\u0001\u0002", undefined, "latin1") + 16;
    bytes.writeUInt32LE((bytes.readUInt32LE(at) ^ 1) >>> 0, at);
    writeFileSync(copy(), bytes);
    utimesSync(copy(), atime, mtime);
    expect(await readFrom(descriptor)).toEqual(changed);
  });

  test("a file that is gone, or no archive any more", async () => {
    const descriptor = await openCopy({ shareIndex: true });
    writeFileSync(copy(), "something else");
    expect((await readFrom(descriptor)).error).toBe("UnknownFormat");
    expect(descriptor).toBeDefined();
    const gone = descriptor && { ...descriptor, location: temp.path("gone.ozx") };
    expect(await readFrom(gone)).toEqual({ error: "NotFound" });
  });
});

test("a store in memory cannot be opened elsewhere, and says so by having no descriptor", async () => {
  const { ozxFormat } = await import("@ozx/store-zip");
  const store = await ozxFormat.open(memorySource(readFileSync(temp.path("cells.ozx"))));
  expect(store.descriptor).toBeUndefined();
});

test("a format that is not known is an error", async () => {
  const descriptor = { format: "tiff", location: temp.path("cells.ozx"), version: "1" };
  await expect(reopen(descriptor)).rejects.toMatchObject({ _tag: "UnknownFormat" });
});

test("files of an image that are named by a pattern, or by their folder, are opened again in a thread", async () => {
  mkdirSync(temp.path("planes"));
  for (const z of [0, 1, 2]) writeFileSync(temp.path(`planes/img_z${z}.tif`), stackOf([z]));
  for (const path of ["planes", "planes/img_z{z}.tif"]) {
    const store = await open(temp.path(path));
    const reads = [0, 1, 2].map((z): Read => ({ key: `/0/c/${z}/0/0` }));
    const answer = await inThread({ descriptor: store.descriptor?.(), reads });
    expect(answer.sums).toEqual([0, 1, 2].map((z) => crc32(planeBytes(z))));
    await store.close();
  }
});
