import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { openSharedSink } from "@ozx/core/node";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { createFileSink, openTailFile } from "../../src/node/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-closed-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Opens files, so that one of them gets the descriptor of a file that was just closed. */
function openOthers(): () => string {
  const path = join(folder, "other");
  writeFileSync(path, "other");
  const files = Array.from({ length: 8 }, () => openSync(path, "r+"));
  onTestFinished(() => files.forEach(closeSync));
  return () => readFileSync(path, "utf8");
}

const closed = { _tag: "Usage", message: expect.stringContaining("was closed") };

test("a sink that was discarded writes into no other file", async () => {
  const sink = await createFileSink(join(folder, "out"));
  const running = sink.write(0, new Uint8Array(10_000_000));
  await sink.discard();
  const other = openOthers();
  await running;
  await expect(sink.write(0, new Uint8Array(10))).rejects.toMatchObject(closed);
  await expect(sink.journal?.truncate(0)).rejects.toThrow();
  await expect(sink.commit()).rejects.toMatchObject(closed);
  expect(other()).toBe("other");
  expect(readdirSync(folder)).toEqual(["other"]);
});

test("a shared sink that was closed writes into no other file, and closes none", async () => {
  const path = join(folder, "shared");
  writeFileSync(path, "");
  const sink = openSharedSink({ name: "out", path });
  await sink.commit();
  const other = openOthers();
  await expect(sink.write(0, new Uint8Array(10))).rejects.toMatchObject(closed);
  await sink.discard();
  expect(other()).toBe("other");
});

test("a file that is changed in place is written until it is closed", async () => {
  const path = join(folder, "image.ozx");
  writeFileSync(path, "");
  const file = await openTailFile(path);
  const running = file.write(0, new Uint8Array(10_000_000).fill(7));
  await file.close();
  const other = openOthers();
  await running;
  expect(readFileSync(path).every((byte) => byte === 7)).toBe(true);
  await expect(file.write(0, new Uint8Array(10))).rejects.toMatchObject(closed);
  await expect(file.truncate(0)).rejects.toMatchObject(closed);
  await expect(file.sync()).rejects.toMatchObject(closed);
  expect(other()).toBe("other");
});

test("a blocking reader that was closed reads no other file, and closes none", () => {
  writeFileSync(join(folder, "value"), "value");
  const reader = openDirectoryStore(folder).openSync?.("/value");
  reader?.close();
  openOthers();
  expect(() => reader?.read(new Uint8Array(5))).toThrowError(expect.objectContaining(closed));
  reader?.close();
});
