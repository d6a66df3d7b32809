import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { skipFor, unlessOn } from "@ozx/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lockPath } from "../../src/node/index.js";

const disk = vi.hoisted(() => ({ hasLinks: true }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const link: typeof real.link = async (...args) => {
    if (disk.hasLinks) return real.link(...args);
    throw Object.assign(new Error("EPERM: operation not permitted"), { code: "EPERM", syscall: "link" });
  };
  return { ...real, link };
});

let folder = "";
let path = "";
let lock = "";
const GONE = { pid: 999999999, host: hostname(), since: 1 };

beforeEach(() => {
  disk.hasLinks = true;
  folder = mkdtempSync(join(tmpdir(), "ozx-lock-"));
  path = join(folder, "a.ozx");
  lock = join(folder, ".a.ozx.lock");
  writeFileSync(path, "image");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([true, false])(
  "a lock is held until it is released, on a disk with links: %s",
  async (hasLinks) => {
    disk.hasLinks = hasLinks;
    const unlock = await lockPath(path);
    await expect(lockPath(path)).rejects.toMatchObject({ _tag: "WriteFailed" });
    await unlock();
    await (await lockPath(path))();
    expect(readdirSync(folder)).toEqual(["a.ozx"]);
  },
);

test.each([
  ["gone", JSON.stringify(GONE), undefined],
  ["gone, as is one who was killed while taking it over", JSON.stringify(GONE), JSON.stringify(GONE)],
])("of many that find a lock whose holder is %s, one takes it over", async (_, left, taking) => {
  for (let round = 0; round < 10; round++) {
    writeFileSync(lock, left);
    if (taking !== undefined) writeFileSync(`${lock}.taking`, taking);
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => lockPath(path)));
    const held = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(held).toHaveLength(1);
    await held[0]?.();
    expect(readdirSync(folder)).toEqual(["a.ozx"]);
  }
});

test(
  "a process that has got the number of the holder holds nothing",
  skipFor(unlessOn("linux")),
  async () => {
    writeFileSync(lock, JSON.stringify({ ...GONE, pid: process.ppid, start: "1" }));
    await (await lockPath(path))();
    expect(readdirSync(folder)).toEqual(["a.ozx"]);
  },
);

test.each(["", "\0\0\0"])(
  "a lock that a power cut has left without its text (%j) holds for some seconds",
  async (text) => {
    writeFileSync(lock, text);
    await expect(lockPath(path)).rejects.toThrow("another program");
    utimesSync(lock, 1_000_000_000, 1_000_000_000);
    await (await lockPath(path))();
    expect(readdirSync(folder)).toEqual(["a.ozx"]);
  },
);
