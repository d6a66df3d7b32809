import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { planTransfer, runTransfer } from "@ozx/convert";
import { createFileSink, destinationFor, openTailFile } from "@ozx/convert/node";
import { openFileSource, openPath } from "@ozx/core/node";
import { appendToArchive } from "@ozx/store-zip";
import { ozxFormat } from "@ozx/store-zip/node";
import { tempFolder } from "@ozx/testing";
import { addLabels, createImage, openOmeZarr } from "ozx";
import { beforeEach, describe, expect, test } from "vitest";
import { hiddenIn } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const WRITER = fileURLToPath(new URL("support/writer.mjs", import.meta.url));
const temp = tempFolder();
const SIDE = 64;

/** Somebody who writes to a path: begun, to be ended later. */
interface Writing {
  end(): Promise<unknown>;
}

async function create(path: string, value: number): Promise<Writing> {
  const image = await createImage(path, {
    axes: ["y", "x"],
    shape: [SIDE, SIDE],
    dtype: "uint8",
    overwrite: true,
  });
  await image.write({}, new Uint8Array(SIDE * SIDE).fill(value));
  return { end: () => image.close() };
}

async function label(path: string, name = "cells"): Promise<Writing> {
  const labels = await addLabels(path, name);
  await labels.write({}, new Uint32Array(SIDE * SIDE).fill(5));
  return { end: () => labels.close() };
}

/** Converts another image to the path. */
async function convert(path: string): Promise<Writing> {
  const source = await openPath(temp.path("other.ozx"), { formats: [ozxFormat] });
  try {
    const destination = await destinationFor(path, { formats: [ozxFormat], overwrite: true });
    const plan = await planTransfer(source, destination);
    const staged = await destination.stage();
    try {
      await runTransfer(plan, staged.target);
    } catch (error) {
      await staged.close();
      throw error;
    }
    return {
      async end() {
        await staged.publish();
        await staged.close();
      },
    };
  } finally {
    await source.close();
  }
}

/** Writes the archive by the layers below: a sink, or a file that entries are appended to. */
async function write(path: string): Promise<Writing> {
  const writer = await ozxFormat.target(await createFileSink(path, { overwrite: true })).begin?.();
  for (const [key, bytes] of await valuesOf(temp.path("other.ozx"))) await writer?.add({ key, bytes });
  return { end: async () => writer?.commit() };
}

async function append(path: string): Promise<Writing> {
  const source = await openFileSource(path);
  try {
    const file = await openTailFile(path);
    const writer = await appendToArchive(source, file);
    await writer.add({ key: "/note.txt", bytes: new TextEncoder().encode("added") });
    return {
      async end() {
        await writer.commit();
        await file.close();
        await source.close();
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function valuesOf(path: string) {
  const store = await openPath(path, { formats: [ozxFormat] });
  const values: [`/${string}`, Uint8Array][] = [];
  for await (const { key } of store.list()) values.push([key, (await store.get(key)) as Uint8Array]);
  await store.close();
  return values;
}

const WRITERS: Readonly<Record<string, (path: string) => Promise<Writing>>> = {
  createImage: (path) => create(path, 7),
  addLabels: (path) => label(path),
  convert,
  "a file sink": write,
  appendToArchive: append,
};

/** What is at a path: a pixel, its label images, and other files. */
async function found(path: string) {
  const node = await openOmeZarr(path);
  const read = await node.images[0]?.level(0).read();
  const pixels = read?.data as ArrayLike<unknown> | undefined;
  const labels = node.labels.map((one) => one.path);
  await node.close();
  const keys = (await valuesOf(path)).map(([key]) => key);
  return { pixel: pixels?.[0], labels, note: keys.includes("/note.txt") };
}

const EXPECTED: Readonly<Record<string, object>> = {
  createImage: { pixel: 7, labels: [] },
  addLabels: { pixel: 1, labels: ["/labels/cells"] },
  convert: { pixel: 2, labels: [] },
  "a file sink": { pixel: 2, labels: [] },
  appendToArchive: { pixel: 1, note: true },
};

beforeEach(async () => {
  for (const name of readdirSync(temp.path())) rmSync(temp.path(name), { recursive: true });
  await (await create(temp.path("image.ozx"), 1)).end();
  await (await create(temp.path("other.ozx"), 2)).end();
});

const hidden = (): string[] => hiddenIn(temp.path());

describe.each(Object.keys(WRITERS))("while %s writes image.ozx in this process", (first) => {
  test("every other writer is refused before it writes, and the work is kept", async () => {
    const path = temp.path("image.ozx");
    const before = first === "addLabels" || first === "appendToArchive" ? undefined : readFileSync(path);
    const writing = await WRITERS[first]?.(path);
    for (const [name, begin] of Object.entries(WRITERS)) {
      await expect(begin(path), name).rejects.toMatchObject({
        _tag: "WriteFailed",
        location: path,
        message: expect.stringMatching(/image\.ozx is being (written|changed) by this process: wait until/),
      });
    }
    if (before !== undefined) expect(readFileSync(path).equals(before)).toBe(true);
    await writing?.end();
    expect(await found(path)).toMatchObject(EXPECTED[first] ?? {});
    expect(hidden()).toEqual([]);
    // Nobody is kept out any more.
    await (await label(path, "later")).end();
    expect((await found(path)).labels).toContain("/labels/later");
  });
});

test.each(["new.ozx", "new.zarr"])(
  "of several that create %s at the same moment one goes on",
  async (name) => {
    const path = temp.path(name);
    const begun = await Promise.allSettled([1, 2, 3].map((value) => create(path, value)));
    const [first, ...others] = begun.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(others).toHaveLength(0);
    expect(begun.filter(({ status }) => status === "rejected")).toMatchObject([
      { reason: { _tag: "WriteFailed" } },
      { reason: { _tag: "WriteFailed" } },
    ]);
    await first?.end();
    expect([1, 2, 3]).toContain((await found(path)).pixel);
    expect(hidden()).toEqual([]);
  },
);

/** A thread that begins to write; see `support/writer.mjs`. */
async function thread(kind: "createImage" | "addLabels", path: string) {
  // Without the options of the test runner, by which packages would be looked for in their source.
  const worker = new Worker(WRITER, { workerData: { kind, path }, execArgv: [] });
  const [answer] = (await once(worker, "message")) as [{ state: string; tag?: string; message?: string }];
  return {
    answer,
    async end(): Promise<void> {
      worker.postMessage("close");
      await once(worker, "message");
      await worker.terminate();
    },
  };
}

test.each(["createImage", "addLabels"] as const)(
  "while a thread does %s, other threads and the process itself are refused",
  async (kind) => {
    const path = temp.path("image.ozx");
    const first = await thread(kind, path);
    expect(first.answer).toEqual({ state: "begun" });
    for (const other of ["createImage", "addLabels"] as const) {
      const second = await thread(other, path);
      expect(second.answer).toMatchObject({ state: "refused", tag: "WriteFailed" });
      expect(second.answer.message).toContain("by this process");
    }
    for (const begin of Object.values(WRITERS))
      await expect(begin(path)).rejects.toMatchObject({ _tag: "WriteFailed" });
    await first.end();
    expect(await found(path)).toMatchObject(
      kind === "createImage" ? { pixel: 9 } : { pixel: 1, labels: ["/labels/from-a-thread"] },
    );
    expect(hidden()).toEqual([]);
  },
);

test("ozx convert --force is refused while another process writes its output", async () => {
  const path = temp.path("image.ozx");
  const labels = await label(path);
  const run = await runOzx(["convert", "--force", temp.path("other.ozx"), path]);
  expect(run).toMatchObject({
    code: 74,
    stderr: expect.stringContaining(`is being changed by process ${process.pid}`),
  });
  await labels.end();
  expect(await found(path)).toMatchObject({ pixel: 1, labels: ["/labels/cells"] });
});

test("ozx fix is refused while another process writes the archive", async () => {
  const path = temp.path("image.ozx");
  const bytes = readFileSync(path);
  // The comment is in the end of the file, after the data.
  bytes.write("jsonFurst", bytes.lastIndexOf("jsonFirst"));
  writeFileSync(path, bytes);
  const writing = await label(path);
  const run = await runOzx(["fix", path]);
  expect(run).toMatchObject({ code: 74, stderr: expect.stringContaining(`process ${process.pid}`) });
  await writing.end();
  expect(await found(path)).toMatchObject({ pixel: 1, labels: ["/labels/cells"] });
});
