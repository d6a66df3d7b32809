import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { imageMetadata, notOn, outsideSample, skipFor, smallImage, tempFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { hiddenIn } from "./support/folders.js";
import { killingEnv } from "./support/killed-runs.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });
const RECORD = ".image.ozx.growth";

/** So many entries that the directory is longer than the 64 KiB behind the end that other programs ignore. */
const CHUNKS = 3000;

beforeAll(async () => {
  const array = { shape: [CHUNKS, 1], chunks: [1, 1], dataType: "uint8", valueAt: () => 1 } as const;
  const document = { dimension_names: ["y", "x"] };
  for (const [key, bytes] of smallImage({ "/": imageMetadata("yx") }, { "/0": { ...array, document } })) {
    const path = temp.path(`image.zarr${key}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  expect(await ozx("convert", "image.zarr", "first.ozx")).toMatchObject({ code: 0 });
});

function edit(killAt?: number): Promise<Run> {
  const env = killingEnv(killAt, 4096);
  return runOzx(["edit", "image.ozx", "--scale", "y=0.1,x=0.1"], { cwd: temp.path(), env });
}

/** Kills an edit in the middle of the write in which the file grows. */
async function killWhileItGrows(before: Buffer): Promise<void> {
  for (let killAt = 1; killAt < 60; killAt++) {
    writeFileSync(temp.path("image.ozx"), before);
    // A lock that is left makes the next run take more steps.
    for (const name of hiddenIn(temp.path())) rmSync(temp.path(name));
    expect(await edit(killAt)).toMatchObject({ signal: "SIGKILL" });
    const after = readFileSync(temp.path("image.ozx"));
    if (after.length <= before.length + 65536) continue;
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
    expect(existsSync(temp.path(RECORD))).toBe(true);
    return;
  }
  throw new Error("no kill came while the file grew");
}

test("what a kill leaves behind the end of an archive, fix removes, and so does the next change", {
  timeout: 600_000,
  ...skipFor(outsideSample() ?? notOn("win32")),
}, async () => {
  const before = readFileSync(temp.path("first.ozx"));
  await killWhileItGrows(before);
  const torn = readFileSync(temp.path("image.ozx"));
  const record = readFileSync(temp.path(RECORD));
  const hint = "a change of it was interrupted: ozx fix image.ozx removes what that has left behind its end";
  expect(await ozx("info", "image.ozx")).toMatchObject({ code: 4, stderr: expect.stringContaining(hint) });
  symlinkSync("image.ozx", temp.path("link.ozx"));
  const linked = await ozx("info", "link.ozx");
  expect(linked.stderr).toContain(hint.replace("image.ozx", "link.ozx"));
  const validated = await ozx("validate", "image.ozx");
  expect(validated.code).not.toBe(0);
  expect(validated.stdout.replaceAll(/\s+/g, " ")).toContain(hint);
  const fixed = await ozx("fix", "image.ozx");
  expect(fixed).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("that an interrupted change had left"),
  });
  expect(readFileSync(temp.path("image.ozx")).equals(before)).toBe(true);
  expect(existsSync(temp.path(RECORD))).toBe(false);
  writeFileSync(temp.path("image.ozx"), torn);
  writeFileSync(temp.path(RECORD), record);
  const again = await edit();
  expect(again, again.stderr).toMatchObject({ code: 0 });
  expect(await ozx("validate", "image.ozx")).toMatchObject({ code: 0 });
  expect(await ozx("edit", "image.ozx", "--undo")).toMatchObject({ code: 0 });
  expect(existsSync(temp.path(RECORD))).toBe(false);
});
