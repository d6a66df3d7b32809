import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tempFolder } from "@ozx/testing";
import { expect, test } from "vitest";
import { removeFolder } from "../../src/node/remove-folder.js";

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

test("a single file is removed, and nothing is nothing to remove", async () => {
  writeFileSync(temp.path("image.partial"), "");
  await removeFolder(temp.path("image.partial"));
  await removeFolder(temp.path("image.partial"));
  expect(existsSync(temp.path("image.partial"))).toBe(false);
});
