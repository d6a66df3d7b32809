import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { type EntryProducer, memoryStore, type Resumption, type WriteJob } from "@ozx/core/container";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { directoryTarget, findLeftovers } from "../../src/node/index.js";

const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const writeFile: typeof real.writeFile = async (...args) => {
    if (disk.isFull)
      throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC", syscall: "write" });
    return real.writeFile(...args);
  };
  return { ...real, writeFile };
});

const COUNT = 400;
const GENERATED = 20;
const folder = mkdtempSync(join(tmpdir(), "ozx-resume-folder-"));
const out = join(folder, "a.zarr");

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

function contentAt(index: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(index % 80 === 7 ? 1_500_000 : 100 + index).fill(index);
}

/** A job that fails when one value is read or one entry is generated, and remembers what it touched. */
function failingJob({ fails = "", generates = true, fingerprint = "unchanged" }) {
  const touched: string[] = [];
  const touch = async (key: string): Promise<void> => {
    if (key === fails) throw new Error("the lights went out");
    if (/\/(?:10|150)$/.test(key)) await pause();
    touched.push(key);
  };
  const values = new Map(
    Array.from({ length: COUNT }, (_, k) => [`/copied/${k}` as AbsolutePath, contentAt(k)] as const),
  );
  const { readSync: _, openSync: __, ...store } = memoryStore(values);
  const generated: EntryProducer = {
    entries: GENERATED,
    bytes: 1,
    origin: { recipe: "fill", *reads() {}, owns: (key) => key.startsWith("/generated/") },
    async *produce(options) {
      const from = options?.after ? Number(options.after.slice("/generated/".length)) + 1 : 0;
      for (let k = from; k < GENERATED; k++) {
        await touch(`/generated/${k}`);
        yield { key: `/generated/${k}`, bytes: contentAt(k) };
      }
    },
  };
  const job: WriteJob = {
    source: {
      ...store,
      fingerprint: async () => ({ text: fingerprint }),
      async get(key) {
        await touch(key);
        return values.get(key);
      },
      async stream(key) {
        await touch(key);
        return store.stream(key);
      },
    },
    entries: [...values].map(([key, { length }]) => ({ key, size: length, content: key })),
    generated: generates ? generated : undefined,
  };
  return { job, touched };
}

async function write({ job }: { job: WriteJob }, resume = true): Promise<Resumption | undefined> {
  let found: Resumption | undefined;
  const onResume = (one: Resumption): void => {
    found = one;
  };
  await directoryTarget(out, { resume }).write(job, { onResume });
  return found;
}

function checkWritten(generates = true): void {
  expect(readdirSync(folder)).toEqual(["a.zarr"]);
  const all = [
    ...Array.from({ length: COUNT }, (_, k) => ["copied", k] as const),
    ...Array.from({ length: generates ? GENERATED : 0 }, (_, k) => ["generated", k] as const),
  ];
  expect(readdirSync(out, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())).toHaveLength(
    all.length,
  );
  for (const [kind, k] of all) {
    expect(readFileSync(join(out, kind, `${k}`)).equals(contentAt(k)), `${kind} ${k}`).toBe(true);
  }
}

test("an interrupted folder is resumed, and what is written is not read or generated again", async () => {
  await expect(write(failingJob({ fails: "/copied/250" }))).rejects.toThrow("the lights went out");
  expect(existsSync(out)).toBe(false);
  const second = failingJob({ fails: "/generated/15" });
  await expect(write(second)).rejects.toThrow("the lights went out");
  expect(second.touched).not.toContain("/copied/3");
  const [left] = await findLeftovers(out);
  const last = failingJob({});
  const found = await write(last);
  expect(found).toMatchObject({ leftover: left?.path, isResumable: true });
  expect(found?.done.entries).toBe(COUNT + GENERATED - last.touched.length);
  expect(last.touched.length).toBeLessThan(GENERATED);
  expect(last.touched.every((key) => key.startsWith("/generated/"))).toBe(true);
  checkWritten();
});

test("unfinished files are written again, and so are those that no longer have the recorded size", async () => {
  await expect(write(failingJob({ fails: "/generated/15" }))).rejects.toThrow("the lights went out");
  const [left] = await findLeftovers(out);
  writeFileSync(join(left?.path ?? "", "generated/16"), new Uint8Array(10_000));
  truncateSync(join(left?.path ?? "", "generated/9"), 3);
  const last = failingJob({});
  await write(last);
  expect(last.touched[0]).toBe("/generated/9");
  checkWritten();
});

test("a job without generated entries is resumed too", async () => {
  await expect(write(failingJob({ fails: "/copied/390", generates: false }))).rejects.toThrow(
    "the lights went out",
  );
  const last = failingJob({ generates: false });
  await write(last);
  expect(last.touched.length).toBeLessThan(COUNT / 2);
  checkWritten(false);
});

test("a job whose source has changed is not resumed, and nothing is removed", async () => {
  await expect(write(failingJob({ fails: "/generated/15" }))).rejects.toThrow("the lights went out");
  const before = readdirSync(folder);
  await expect(write(failingJob({ fingerprint: "another" }))).rejects.toMatchObject({
    _tag: "Usage",
    message: expect.stringContaining("the input has changed since"),
  });
  expect(readdirSync(folder)).toEqual(before);
});

test("a leftover stays when its journal cannot be written, as on a full disk", async () => {
  await expect(write(failingJob({ fails: "/copied/390", generates: false }))).rejects.toThrow(
    "the lights went out",
  );
  const before = readdirSync(folder, { recursive: true });
  disk.isFull = true;
  await expect(write(failingJob({ generates: false }))).rejects.toThrow("is full");
  disk.isFull = false;
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
  const last = failingJob({ generates: false });
  await write(last);
  expect(last.touched.length).toBeLessThan(COUNT / 2);
  checkWritten(false);
});

test("nothing is left of a run without checkpoints", async () => {
  await expect(write(failingJob({ fails: "/copied/3" }))).rejects.toThrow("the lights went out");
  expect(readdirSync(folder)).toEqual([]);
});

test("nothing is left without `resume`", async () => {
  await expect(write(failingJob({ fails: "/generated/15" }), false)).rejects.toThrow("the lights went out");
  expect(readdirSync(folder)).toEqual([]);
});

test("of two runs that resume at the same time one is refused", async () => {
  await expect(write(failingJob({ fails: "/generated/15" }))).rejects.toThrow("the lights went out");
  const [left] = await findLeftovers(out);
  const found: (Resumption | undefined)[] = [];
  const options = { onResume: (one: Resumption) => void found.push(one) };
  const target = directoryTarget(out, { resume: true, overwrite: true });
  const runs = await Promise.allSettled([1, 2].map(() => target.write(failingJob({}).job, options)));
  expect(runs.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(runs.find(({ status }) => status === "rejected")).toMatchObject({
    reason: { _tag: "WriteFailed", message: expect.stringContaining("is being written by this process") },
  });
  expect(found.map((one) => one?.leftover)).toEqual([left?.path]);
  checkWritten();
});
