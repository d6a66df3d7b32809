import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { type EntryInput, memoryStore, type WriteJob } from "@ozx/core/container";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appendToFolder, createFileSink, directoryTarget, openGrowingFolder } from "../../src/node/index.js";

const calls = vi.hoisted(() => ({ log: [] as [string, string][], refuses: "none" }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const refuse = (path: unknown): void => {
    if (!String(path).includes(calls.refuses)) return;
    throw Object.assign(new Error("EACCES: permission denied, unlink"), {
      code: "EACCES",
      syscall: "unlink",
    });
  };
  return {
    ...real,
    async open(...args: Parameters<typeof real.open>) {
      const file = await real.open(...args);
      const sync = file.sync.bind(file);
      file.sync = () => {
        calls.log.push(["sync", String(args[0])]);
        return sync();
      };
      return file;
    },
    writeFile(...args: Parameters<typeof real.writeFile>) {
      const [path, , options] = args;
      if (typeof options === "object" && options?.flush) calls.log.push(["write durably", String(path)]);
      return real.writeFile(...args);
    },
    async rename(...args: Parameters<typeof real.rename>) {
      calls.log.push(["rename", String(args[1])]);
      return real.rename(...args);
    },
    async rm(...args: Parameters<typeof real.rm>) {
      calls.log.push(["rm", String(args[0])]);
      refuse(args[0]);
      return real.rm(...args);
    },
    async unlink(path: string) {
      refuse(path);
      return real.unlink(path);
    },
  };
});

let folder = "";
let out = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-durable-"));
  out = join(folder, "out.zarr");
  calls.log.length = 0;
  calls.refuses = "none";
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function job(...keys: AbsolutePath[]): WriteJob {
  const value = new TextEncoder().encode("value");
  const entries = keys.map((key): EntryInput => ({ key, size: value.length, content: key }));
  return { source: memoryStore(new Map(keys.map((key) => [key, value]))), entries };
}

/** What was synced, without the random parts of names. */
function synced(): string[] {
  const names = calls.log.filter(([call]) => call === "sync").map(([, path]) => relative(folder, path));
  return names.map((name) => name.replace(/^\.(.*)\.(?:partial|addition)-[^/]*/, "partial"));
}

test("without sync -f, each folder is made durable after its files", async () => {
  vi.stubEnv("PATH", folder);
  await directoryTarget(out).write(job("/zarr.json", "/0/c/0/0", "/0/c/0/1", "/0/c/1/0"));
  const files = ["partial/zarr.json", "partial/0/c/0/0", "partial/0/c/0/1", "partial/0/c/1/0"];
  const folders = ["partial", "partial/0", "partial/0/c", "partial/0/c/0", "partial/0/c/1"];
  expect(synced().slice(0, 4).toSorted()).toEqual(files.toSorted());
  expect(
    synced()
      .slice(4, -1)
      .map((name) => name.replace(/\/$/, ""))
      .toSorted(),
  ).toEqual(folders);
  expect(synced().at(-1)).toBe("");
});

test("files that are added to a folder are durable before a document lists them", async () => {
  await directoryTarget(out).write(job("/zarr.json"));
  vi.stubEnv("PATH", folder);
  calls.log.length = 0;
  const writer = await appendToFolder(out);
  for (const key of ["/labels/a/c/0", "/zarr.json"] as const) {
    await writer.add({ key, bytes: new TextEncoder().encode("new") });
  }
  await writer.commit();
  expect(synced()).toContain("partial/labels/a/c");
  const moves = calls.log
    .map(([call, path]) => `${call} ${relative(out, path)}`)
    .filter((at) => !at.includes(".."));
  expect(moves).toEqual(["rename labels", "sync ", "rename zarr.json", "sync "]);
});

test("pixels of a step are durable before its documents, and all others before the last document", async () => {
  const bytes = new TextEncoder().encode("new");
  const stepAt = (t: number) => ({
    entries: (["/0/c", "/1/c"] as const).map((key) => ({ key: `${key}/${t}/0` as const, bytes })),
    documents: (["/1/zarr.json", "/0/zarr.json"] as const).map((key) => ({ key, bytes })),
  });
  const writer = await openGrowingFolder(out);
  await writer.step(stepAt(0));
  calls.log.length = 0;
  await writer.step(stepAt(1));
  const log = calls.log.map(([call, path]) => {
    const at = relative(out, path);
    return `${call} ${at.startsWith("..") ? "addition" : at}`;
  });
  await writer.close();
  const moved = log.indexOf("rename 1/zarr.json");
  const [written, shown] = [log.slice(0, moved).toSorted(), log.slice(moved)];
  const folders = ["0/c", "0/c/1", "1/c", "1/c/1"].map((at) => `sync ${at}`);
  const files = ["0/c/1/0", "1/c/1/0", "addition", "addition"].map((at) => `write durably ${at}`);
  expect(written).toEqual([...folders, ...files]);
  expect(shown).toEqual(["rename 1/zarr.json", "sync 1", "rename 0/zarr.json", "sync 0"]);
});

test("of documents in many folders, those of images are durable before those above them", async () => {
  await directoryTarget(out).write(job("/zarr.json", "/A/zarr.json", "/A/0/zarr.json", "/A/1/zarr.json"));
  vi.stubEnv("PATH", folder);
  calls.log.length = 0;
  const writer = await appendToFolder(out);
  for (const key of ["/zarr.json", "/A/0/zarr.json", "/A/1/zarr.json"] as const)
    await writer.add({ key, bytes: new TextEncoder().encode("new") });
  await writer.commit();
  const moves = calls.log
    .map(([call, path]) => `${call} ${relative(out, path)}`)
    .filter((at) => !at.includes(".."));
  expect(moves.slice(0, 4).toSorted()).toEqual([
    "rename A/0/zarr.json",
    "rename A/1/zarr.json",
    "sync A/0",
    "sync A/1",
  ]);
  expect(moves.slice(4)).toEqual(["rename zarr.json", "sync "]);
});

test.each(["out.zarr", "out.bin"])(
  "what %s replaces goes when the new one is there for good",
  async (name) => {
    const write = async (): Promise<void> => {
      if (name === "out.zarr") return directoryTarget(out, { overwrite: true }).write(job("/zarr.json"));
      const sink = await createFileSink(join(folder, name), { overwrite: true });
      await sink.write(0, new Uint8Array(10));
      await sink.commit();
    };
    await write();
    calls.log.length = 0;
    await write();
    const log = calls.log.map(([call, path]) => `${call} ${path}`);
    const moved = log.indexOf(`rename ${join(folder, name)}`);
    expect(log.indexOf(`sync ${folder}`)).toBe(moved + 1);
    expect(log.findIndex((line) => line.startsWith("rm"))).toBeGreaterThan(moved + 1);
  },
);

test("a replaced folder that cannot be removed is reported, and the new one is written", async () => {
  await directoryTarget(out).write(job("/zarr.json", "/old"));
  calls.refuses = ".replaced-";
  const left: string[] = [];
  const onReplacedLeftover = (place: string): void => void left.push(place);
  await directoryTarget(out, { overwrite: true, onReplacedLeftover }).write(job("/zarr.json", "/new"));
  expect(readFileSync(join(out, "new"), "utf8")).toBe("value");
  expect(readdirSync(folder).toSorted()).toEqual([...left.map((place) => basename(place)), "out.zarr"]);
  expect(readdirSync(left[0] ?? "")).toContain("old");

  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  await directoryTarget(out, { overwrite: true }).write(job("/zarr.json"));
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/replaced.*permission denied/));
});
