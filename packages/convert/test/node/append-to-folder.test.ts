import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appendToFolder, findLeftovers } from "../../src/node/index.js";

let around = "";
let folder = "";

beforeEach(() => {
  around = mkdtempSync(join(tmpdir(), "ozx-append-"));
  folder = join(around, "image.zarr");
  mkdirSync(join(folder, "labels"), { recursive: true });
  writeFileSync(join(folder, "zarr.json"), "old root");
  writeFileSync(join(folder, "labels/zarr.json"), "old list");
});
afterEach(() => rmSync(around, { recursive: true }));

const bytesOf = (text: string) => new TextEncoder().encode(text);
const entries: [AbsolutePath, string][] = [
  ["/labels/cells/zarr.json", "cells"],
  ["/labels/cells/0/c/0/0", "pixels"],
  ["/labels/zarr.json", "new list"],
  ["/zarr.json", "new root"],
];

async function begin() {
  const writer = await appendToFolder(folder);
  for (const [key, text] of entries) await writer.add({ key, bytes: bytesOf(text) });
  return writer;
}

const read = (name: string) => readFileSync(join(folder, name), "utf8");

test("nothing changes before commit, and then everything", async () => {
  const writer = await begin();
  expect([read("zarr.json"), read("labels/zarr.json"), readdirSync(join(folder, "labels"))]).toEqual([
    "old root",
    "old list",
    ["zarr.json"],
  ]);
  await writer.commit();
  for (const [key, text] of entries) expect(read(key), key).toBe(text);
  expect(readdirSync(around)).toEqual(["image.zarr"]);
});

test("discarding leaves nothing", async () => {
  await (await begin()).discard();
  expect([read("zarr.json"), read("labels/zarr.json"), readdirSync(around)]).toEqual([
    "old root",
    "old list",
    ["image.zarr"],
  ]);
});

test("the next run removes the addition of a killed process, and nothing else", async () => {
  const open = await begin();
  const [own = ""] = readdirSync(around).filter((name) => name.includes(".addition-"));
  const left = own.replace(/addition-\d+/, "addition-999999999");
  // Of a killed conversion, and of another computer.
  const others = [left.replace("addition", "partial"), own.replace(/-[0-9a-f]{8}-/, "-01234567-")];
  for (const name of [left, ...others]) mkdirSync(join(around, name));
  expect((await findLeftovers(folder)).map(({ path }) => basename(path))).toContain(left);
  await open.discard();
  await (await begin()).discard();
  expect(readdirSync(around).toSorted()).toEqual(["image.zarr", ...others].toSorted());
  for (const name of others) rmSync(join(around, name), { recursive: true });
});

test("while one adds to a folder, another is refused before it writes anything", async () => {
  const first = await begin();
  const names = readdirSync(around);
  await expect(appendToFolder(folder)).rejects.toMatchObject({ _tag: "WriteFailed", location: folder });
  expect(readdirSync(around)).toEqual(names);
  await first.commit();
  await (await begin()).discard();
  expect([read("zarr.json"), readdirSync(around)]).toEqual(["new root", ["image.zarr"]]);
});

test("for a link, files are staged beside its target, on the same disk", async () => {
  const links = mkdtempSync(join(tmpdir(), "ozx-append-link-"));
  try {
    symlinkSync(folder, join(links, "link.zarr"));
    const writer = await appendToFolder(join(links, "link.zarr"));
    await writer.add({ key: "/labels/cells/zarr.json", bytes: bytesOf("cells") });
    expect(readdirSync(links)).toEqual(["link.zarr"]);
    expect(readdirSync(around).filter((name) => !name.endsWith(".lock"))).toHaveLength(2);
    await writer.commit();
    expect([read("labels/cells/zarr.json"), ...readdirSync(around)]).toEqual(["cells", "image.zarr"]);
  } finally {
    rmSync(links, { recursive: true });
  }
});

test("a document is not replaced before the nodes that it lists are there", async () => {
  const writer = await begin();
  // A file where the folder of new arrays should go.
  mkdirSync(join(folder, "labels/cells"));
  writeFileSync(join(folder, "labels/cells/0"), "in the way");
  await expect(writer.commit()).rejects.toMatchObject({ _tag: "WriteFailed" });
  await writer.discard();
  expect([read("zarr.json"), read("labels/zarr.json")]).toEqual(["old root", "old list"]);
  expect(existsSync(join(folder, "labels/cells/zarr.json"))).toBe(false);
  expect(readdirSync(around)).toEqual(["image.zarr"]);
});

test("folders that were moved in go back when a document cannot be replaced", async () => {
  const writer = await begin();
  // No file goes where a folder is.
  rmSync(join(folder, "labels/zarr.json"));
  mkdirSync(join(folder, "labels/zarr.json/in the way"), { recursive: true });
  await expect(writer.commit()).rejects.toMatchObject({ _tag: "WriteFailed" });
  await writer.discard();
  expect(readdirSync(join(folder, "labels"))).toEqual(["zarr.json"]);
  expect([read("zarr.json"), readdirSync(around)]).toEqual(["old root", ["image.zarr"]]);
});

test("listed nodes stay when a document above cannot be replaced", async () => {
  const writer = await begin();
  rmSync(join(folder, "zarr.json"));
  mkdirSync(join(folder, "zarr.json/in the way"), { recursive: true });
  await expect(writer.commit()).rejects.toMatchObject({ _tag: "WriteFailed" });
  await writer.discard();
  expect([read("labels/zarr.json"), read("labels/cells/0/c/0/0")]).toEqual(["new list", "pixels"]);
});

test("a missing folder, and a file, are refused", async () => {
  await expect(appendToFolder(join(around, "none.zarr"))).rejects.toMatchObject({ _tag: "NotFound" });
  await expect(appendToFolder(join(folder, "zarr.json"))).rejects.toMatchObject({ _tag: "Unreadable" });
});

test("files are removed after the others are there, with the folders that are empty then", async () => {
  mkdirSync(join(folder, "old/0"), { recursive: true });
  writeFileSync(join(folder, "old/0/chunk"), "old pixels");
  const writer = await begin();
  writer.remove("/old/0/chunk");
  writer.remove("/none");
  expect(() => writer.remove("/../outside")).toThrow("would leave the destination");
  expect(read("old/0/chunk")).toBe("old pixels");
  await writer.commit();
  expect(read("labels/zarr.json")).toBe("new list");
  expect(readdirSync(folder).sort()).toEqual(["labels", "zarr.json"]);
});
