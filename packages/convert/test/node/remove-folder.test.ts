import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "@ozx/testing";
import { expect, test, vi } from "vitest";
import { removeFolder } from "../../src/node/remove-folder.js";
import { stageFolder } from "../../src/node/staged-folder.js";

const temp = tempFolder();

test("a folder is removed with hundreds of files, and what links in it point to stays", async () => {
  for (const name of ["other", "image/0/c/0", "image/0/c/1", "image/empty"]) {
    mkdirSync(temp.path(name), { recursive: true });
  }
  writeFileSync(temp.path("other/kept"), "");
  symlinkSync(temp.path("other"), temp.path("image/0/link"));
  for (let index = 0; index < 300; index++) writeFileSync(temp.path(`image/0/c/${index % 2}/${index}`), "");
  await removeFolder(temp.path("image"));
  expect(existsSync(temp.path("image"))).toBe(false);
  expect(readdirSync(temp.path("other"))).toEqual(["kept"]);
});

test("an aborted signal stops the removal, and the rest of the folder stays", async () => {
  mkdirSync(temp.path("half"));
  for (let index = 0; index < 300; index++) writeFileSync(temp.path(`half/${index}`), "");
  expect(await removeFolder(temp.path("half"), { signal: AbortSignal.abort() })).toBe(false);
  expect(readdirSync(temp.path("half")).length).toBeGreaterThan(0);
  expect(await removeFolder(temp.path("half"))).toBe(true);
});

test("a command that is asked to end leaves a folder of too many files, and names it", async () => {
  const left: string[] = [];
  const folder = await stageFolder(temp.path("out.zarr"), { onPartialLeftover: (path) => left.push(path) });
  for (let index = 0; index < 300; index++) writeFileSync(join(folder.path, String(index)), "");
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort());
  await folder.remove({ signal: AbortSignal.abort() });
  expect(left).toEqual([folder.path]);
  expect(existsSync(folder.path)).toBe(true);
});

test("a single file is removed, and nothing is nothing to remove", async () => {
  writeFileSync(temp.path("image.partial"), "");
  await removeFolder(temp.path("image.partial"));
  await removeFolder(temp.path("image.partial"));
  expect(existsSync(temp.path("image.partial"))).toBe(false);
});
