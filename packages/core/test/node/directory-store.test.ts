import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { collectEntries } from "@ozx/core/container";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { describeStore } from "@ozx/testing";
import { afterAll, expect, test } from "vitest";

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ozx-directory-"));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

for (const blocking of [false, true]) {
  describeStore(`a folder ${blocking ? "that is read by blocking calls" : ""}`, async (entries) => {
    const folder = newFolder();
    for (const [key, value] of entries) {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), value);
    }
    return openDirectoryStore(folder, { blocking });
  });
}

test("links to files and folders are followed", async () => {
  const [folder, elsewhere] = [newFolder(), newFolder()];
  writeFileSync(join(elsewhere, "chunk"), "12345");
  symlinkSync(elsewhere, join(folder, "level"));
  symlinkSync(join(elsewhere, "chunk"), join(folder, "alias"));
  const store = openDirectoryStore(folder);
  expect(await collectEntries(store.list())).toEqual([
    { key: "/alias", size: 5 },
    { key: "/level/chunk", size: 5 },
  ]);
  expect(await store.get("/level/chunk")).toEqual(new TextEncoder().encode("12345"));
});

test("a link to a folder above itself is an error, not an endless walk", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "a"));
  symlinkSync(folder, join(folder, "a", "up"));
  await expect(collectEntries(openDirectoryStore(folder).list())).rejects.toMatchObject({
    _tag: "Unreadable",
  });
});

test("a dangling link is an error that names it", async () => {
  const folder = newFolder();
  symlinkSync(join(folder, "gone"), join(folder, "alias"));
  await expect(collectEntries(openDirectoryStore(folder).list())).rejects.toThrow("alias");
});

test("its descriptor works in another working folder too", () => {
  const folder = newFolder();
  const store = openDirectoryStore(relative(process.cwd(), folder));
  expect(store.descriptor?.()).toEqual({ format: "directory", location: folder });
});

test("a missing folder, or a file, is an error", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "file"), "");
  expect(() => openDirectoryStore(join(folder, "none"))).toThrowError(
    expect.objectContaining({ _tag: "NotFound" }),
  );
  expect(() => openDirectoryStore(join(folder, "file"))).toThrowError(
    expect.objectContaining({ _tag: "Unreadable" }),
  );
});

test("an aborted read rejects with the reason", async () => {
  const folder = newFolder();
  writeFileSync(join(folder, "chunk"), new Uint8Array(5_000_000));
  const stop = new AbortController();
  const [reading, reason] = [
    openDirectoryStore(folder).get("/chunk", { signal: stop.signal }),
    new Error("enough"),
  ];
  stop.abort(reason);
  await expect(reading).rejects.toBe(reason);
});
