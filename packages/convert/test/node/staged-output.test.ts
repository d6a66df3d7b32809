import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath, StoreFormat } from "@ozx/core";
import { memoryStore, type StoreTarget, type WriteJob } from "@ozx/core/container";
import { afterAll, beforeEach, expect, test } from "vitest";
import { destinationFor, findLeftovers } from "../../src/node/index.js";

const folder = mkdtempSync(join(tmpdir(), "ozx-staged-"));

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const value = new TextEncoder().encode("{}");

function job(): WriteJob {
  const key: AbsolutePath = "/zarr.json";
  const { readSync: _, openSync: __, ...source } = memoryStore(new Map([[key, value]]));
  return {
    source: { ...source, fingerprint: async () => ({ text: "unchanged" }) },
    entries: [{ key, size: value.length, content: key }],
    generated: undefined,
  };
}

/** A container of one value, which records that it is written. */
const oneValue: StoreFormat = {
  id: "one",
  title: "one value",
  extensions: [".one"],
  probe: async () => false,
  open: async () => memoryStore(new Map()),
  target: (sink): StoreTarget => ({
    name: sink.name,
    async write() {
      if (sink.journal?.resumes) await sink.journal.begin({ job: "one", source: "unchanged" });
      await sink.write(0, value);
      if (sink.journal?.resumes) await sink.journal.checkpoint("[]");
      await sink.commit();
    },
  }),
};

const outputs = [
  ["a folder", "out.zarr", (path: string) => readFileSync(join(path, "zarr.json"), "utf8")],
  ["a file", "out.one", (path: string) => readFileSync(path, "utf8")],
] as const;

const stage = async (name: string, options = {}) =>
  (await destinationFor(join(folder, name), { formats: [oneValue], ...options })).stage();

test.each(outputs)("%s is complete before it is published", async (_, name, read) => {
  const staged = await stage(name);
  await staged.target.write(job());
  expect(existsSync(join(folder, name))).toBe(false);
  expect(read(staged.path)).toBe("{}");
  await staged.publish();
  await staged.close();
  expect(read(join(folder, name))).toBe("{}");
  expect(readdirSync(folder)).toEqual([name]);
});

test.each(outputs)("of %s that is discarded nothing is left, not even to resume", async (_, name) => {
  const staged = await stage(name, { resume: true });
  await staged.target.write(job());
  await staged.discard();
  await staged.close();
  expect(readdirSync(folder)).toEqual([]);
});

test.each(outputs)("%s that is closed before it is published is kept only to resume", async (_, name) => {
  for (const resume of [false, true]) {
    const staged = await stage(name, { resume });
    await staged.target.write(job());
    const { path } = staged;
    await staged.close();
    await staged.close();
    const kept = (await findLeftovers(join(folder, name))).map((leftover) => leftover.path);
    expect(kept).toEqual(resume ? [path] : []);
    expect(existsSync(join(folder, name))).toBe(false);
  }
});

test.each(outputs)("%s replaces nothing that came meanwhile", async (_, name) => {
  const staged = await stage(name);
  await staged.target.write(job());
  writeFileSync(join(folder, name), "other");
  await expect(staged.publish()).rejects.toMatchObject({ _tag: "DestinationExists" });
  await staged.close();
  expect(statSync(join(folder, name)).size).toBe(5);
  expect(readdirSync(folder)).toEqual([name]);
});

test.each(outputs)("%s that is not complete is not published", async (_, name) => {
  const staged = await stage(name);
  await expect(staged.publish()).rejects.toThrow("complete");
  await staged.close();
  expect(readdirSync(folder)).toEqual([]);
});
