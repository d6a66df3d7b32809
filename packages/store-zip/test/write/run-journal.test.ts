import { spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileSink, findLeftovers } from "@ozx/convert/node";
import type { AbsolutePath, Store } from "@ozx/core";
import type { ByteSink, EntryInput, Progress, Resumption } from "@ozx/core/container";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { skipFor, unlessOn, withoutTool } from "@ozx/testing";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { writeArchive } from "../../src/write/write-archive.js";

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

const COUNT = 300;
let folder: string;
let image: string;
let out: string;
let whole: Buffer;
let entries: EntryInput[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ozx-resume-"));
  image = join(folder, "image");
  out = join(folder, "out");
  mkdirSync(image);
  mkdirSync(out);
  entries = Array.from({ length: COUNT }, (_, index): EntryInput => {
    const size = index % 50 === 7 ? 1_500_000 : 1000 + index;
    writeFileSync(join(image, `${index}`), new Uint8Array(size).fill(index));
    return { key: `/${index}`, size, content: `/${index}` };
  });
  const document = new TextEncoder().encode("made, not read");
  entries.unshift({ key: "/zarr.json", size: document.length, content: document });
  whole = await pack({ fails: COUNT });
  rmSync(join(out, "a.ozx"));
});

beforeEach(() => {
  for (const name of readdirSync(out)) rmSync(join(out, name), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A source that fails when the value of a key is read, and remembers what was. */
function failingSource(fails: number): Store & { read: Set<AbsolutePath> } {
  const store = openDirectoryStore(image);
  const read = new Set<AbsolutePath>();
  const look = (key: AbsolutePath): void => {
    if (key === `/${fails}`) throw new Error("the lights went out");
    read.add(key);
  };
  return {
    ...store,
    read,
    readSync: (key, target) => {
      look(key);
      return store.readSync?.(key, target) ?? 0;
    },
    openSync: (key) => {
      look(key);
      return store.openSync?.(key);
    },
  };
}

async function pack({
  fails,
  source = failingSource(fails),
  comment = "",
  resume = true,
  onProgress,
  onResume,
}: {
  fails: number;
  source?: Store;
  comment?: string;
  resume?: boolean;
  onProgress?: (done: Progress) => void;
  onResume?: (found: Resumption) => void;
}): Promise<Buffer> {
  const path = join(out, "a.ozx");
  const sink = await createFileSink(path, { overwrite: true, resume });
  await writeArchive({ source, entries, comment: new TextEncoder().encode(comment) }, sink, {
    onProgress,
    onResume,
  });
  return readFileSync(path);
}

test("an interrupted archive is resumed, and nothing is read twice", async () => {
  await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
  expect(readdirSync(out)).toHaveLength(2);
  const source = failingSource(COUNT);
  const progress: number[] = [];
  const onProgress = (done: Progress): void => void progress.push(done.entries);
  const found: Resumption[] = [];
  const onResume = (one: Resumption): void => void found.push(one);
  const [left] = await findLeftovers(join(out, "a.ozx"));
  expect((await pack({ fails: COUNT, source, onProgress, onResume })).equals(whole)).toBe(true);
  expect(found).toEqual([{ leftover: left?.path, done: expect.anything(), isResumable: true }]);
  expect(found[0]?.done.entries).toBe(COUNT + 1 - source.read.size);
  expect(source.read.size).toBeGreaterThan(COUNT - 200);
  expect(source.read.size).toBeLessThan(COUNT - 100);
  expect(progress[0]).toBeGreaterThan(100);
  expect(progress.at(-1)).toBe(entries.length);
  expect(readdirSync(out)).toEqual(["a.ozx"]);
});

test("it can be interrupted several times", async () => {
  for (const fails of [60, 120, 260]) {
    await expect(pack({ fails })).rejects.toThrow("the lights went out");
  }
  const source = failingSource(COUNT);
  expect((await pack({ fails: COUNT, source })).equals(whole)).toBe(true);
  expect(source.read.size).toBeLessThan(COUNT - 200);
});

test("nothing is left without `resume`", async () => {
  await expect(pack({ fails: 200, resume: false })).rejects.toThrow("the lights went out");
  expect(readdirSync(out)).toEqual([]);
});

test("a leftover stays when its journal cannot be written, as on a full disk", async () => {
  await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
  const before = readdirSync(out);
  disk.isFull = true;
  await expect(pack({ fails: COUNT })).rejects.toThrow("is full");
  disk.isFull = false;
  expect(readdirSync(out)).toEqual(before);
  const source = failingSource(COUNT);
  expect((await pack({ fails: COUNT, source })).equals(whole)).toBe(true);
  expect(source.read.size).toBeLessThan(COUNT - 100);
});

test("nothing is left of a run without checkpoints", async () => {
  await expect(pack({ fails: 3 })).rejects.toThrow("the lights went out");
  expect(readdirSync(out)).toEqual([]);
});

test("an incomplete record is ignored", async () => {
  await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
  const [left] = await findLeftovers(join(out, "a.ozx"));
  appendFileSync(`${left?.path}.journal`, '[["/0",3');
  expect((await pack({ fails: COUNT })).equals(whole)).toBe(true);
});

test.each(["{}", "null", '[["/a"]]', '[["/a",-1,1]]', '[["/a",1e99,1]]', '[["a",1,1]]', '[["/a",1,1]]'])(
  "a record that cannot be understood is ignored: %s",
  async (record) => {
    await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
    const [left] = await findLeftovers(join(out, "a.ozx"));
    appendFileSync(`${left?.path}.journal`, `${record}\n`);
    expect((await pack({ fails: COUNT })).equals(whole)).toBe(true);
  },
);

test("a leftover of another job is not resumed, and stays", async () => {
  await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
  const before = readdirSync(out);
  await expect(pack({ fails: COUNT, comment: "other" })).rejects.toMatchObject({
    _tag: "Usage",
    message: expect.stringContaining("other options"),
  });
  expect(readdirSync(out)).toEqual(before);
});

test("a leftover of another job does not hide one that can be resumed", async () => {
  await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
  const [left] = await findLeftovers(join(out, "a.ozx"));
  const other = join(out, ".a.ozx.partial-999999999-00000000");
  writeFileSync(other, "");
  writeFileSync(
    `${other}.journal`,
    readFileSync(`${left?.path}.journal`, "utf8").replace(/"job":"[^"]*"/, '"job":"another"'),
  );
  const source = failingSource(COUNT);
  expect((await pack({ fails: COUNT, source })).equals(whole)).toBe(true);
  expect(source.read.size).toBeLessThan(COUNT - 100);
  expect(readdirSync(out)).toContain(".a.ozx.partial-999999999-00000000");
});

test("a source without fingerprints is read from the beginning, which is reported", async () => {
  const { fingerprint: _, ...source } = failingSource(COUNT);
  const found: Resumption[] = [];
  await pack({ fails: COUNT, source, onResume: (one) => void found.push(one) });
  expect(found).toEqual([{ leftover: undefined, done: { entries: 0, bytes: 0 }, isResumable: false }]);
});

test("nor is one whose source has changed since", async () => {
  await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
  utimesSync(join(image, "3"), 1_000_000_000, 1_000_000_000);
  await expect(pack({ fails: COUNT })).rejects.toMatchObject({
    _tag: "Usage",
    message: expect.stringContaining("the input has changed since"),
  });
});

test(
  "what a process left that nobody has buried is found",
  skipFor(unlessOn("linux") ?? withoutTool("sh", "sleep")),
  async () => {
    // The shell becomes a sleep, which never asks how the child has ended.
    const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"]);
    try {
      const pid = await new Promise<string>((resolve) =>
        parent.stdout.once("data", (text) => resolve(`${text}`.trim())),
      );
      makeOld(`.b.ozx.partial-${pid}-00000000`);
      await expect.poll(() => findLeftovers(join(out, "b.ozx"))).toHaveLength(1);
      expect(process.kill(Number(pid), 0)).toBe(true);
    } finally {
      parent.kill("SIGKILL");
    }
  },
);

/** Makes what an earlier version left long ago. */
function makeOld(name: string): void {
  writeFileSync(join(out, name), "");
  utimesSync(join(out, name), 1_000_000_000, 1_000_000_000);
}

test("what a living process writes is not taken for left", async () => {
  const path = join(out, "b.ozx");
  makeOld(`.b.ozx.partial-${process.ppid}-00000000`);
  makeOld(".b.ozx.partial-999999999-00000000");
  const left = await findLeftovers(path);
  expect(left).toEqual([
    expect.objectContaining({ path: join(out, ".b.ozx.partial-999999999-00000000"), journal: undefined }),
  ]);
});

test("what another computer writes is not taken for left before it is silent for a while", async () => {
  const path = join(out, "b.ozx");
  const name = ".b.ozx.partial-999999999-0123abcd-00000000";
  writeFileSync(join(out, name), "");
  // Of an earlier version: where it was begun is not known.
  writeFileSync(join(out, ".b.ozx.partial-999999999-00000000"), "");
  expect(await findLeftovers(path)).toEqual([]);
  makeOld(name);
  expect(await findLeftovers(path)).toMatchObject([{ path: join(out, name), elsewhere: true }]);
  // A folder that only looks alike.
  expect(await findLeftovers(join(out, "b"))).toEqual([]);
});

test("of several computers that resume at the same time each writes its own file", async () => {
  await expect(pack({ fails: 200 })).rejects.toThrow("the lights went out");
  const path = join(out, "a.ozx");
  const [left] = await findLeftovers(path);
  const { job, source } = JSON.parse(readFileSync(`${left?.path}.journal`, "utf8").split("\n")[0] ?? "");
  const begin = async (): Promise<[ByteSink, string | undefined]> => {
    const sink = await createFileSink(path, { overwrite: true, resume: true });
    // On another computer it would keep nobody out.
    rmSync(join(out, ".a.ozx.lock"));
    return [sink, (await sink.journal?.begin({ job, source }))?.leftover];
  };
  const begun = [await begin(), await begin(), await begin()];
  expect(begun.map(([, from]) => from).filter((from) => from !== undefined)).toEqual([left?.path]);
  const all = begun.map(([sink]) => sink);
  expect(new Set(all.map((sink) => sink.share?.().path)).size).toBe(all.length);
  // What is being written is not reported.
  expect(await findLeftovers(path)).toEqual([]);
  for (const sink of all) await sink.discard();
  const last = failingSource(COUNT);
  expect((await pack({ fails: COUNT, source: last })).equals(whole)).toBe(true);
  expect(last.read.size).toBeLessThan(COUNT - 100);
  expect(readdirSync(out)).toEqual(["a.ozx"]);
});
