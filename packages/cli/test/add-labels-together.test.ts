import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { tempFolder } from "@ozx/testing";
import { addLabels, createImage, createPlate, openOmeZarr } from "ozx";
import { beforeEach, expect, test } from "vitest";
import { hiddenIn } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const [SIDE, VALUES] = [300, new Uint32Array(300 * 300).map((_, k) => (k * 2654435761) >>> 0)];

async function makeImage(path: string): Promise<void> {
  const image = await createImage(path, {
    axes: ["y", "x"],
    shape: [SIDE, SIDE],
    dtype: "uint8",
    overwrite: true,
  });
  await image.write({}, new Uint8Array(SIDE * SIDE));
  await image.close();
}

async function listed(path: string): Promise<unknown[]> {
  const node = await openOmeZarr(path);
  const found = await Promise.all(
    node.labels.map(async (label) => {
      const { data } = await label.level(0).read();
      return [label.path, (data as Uint32Array)[5]];
    }),
  );
  await node.close();
  return found.flat();
}

const left = (): string[] => hiddenIn(temp.path());

beforeEach(async () => {
  for (const name of left()) rmSync(temp.path(name));
  for (const name of ["image.ozx", "image.zarr"]) await makeImage(temp.path(name));
});

test.each(["image.ozx", "image.zarr"])(
  "%s is changed by one at a time, and keeps what is closed",
  async (name) => {
    const path = temp.path(name);
    const link = temp.path(`link-to-${name}-${Math.random()}`);
    symlinkSync(path, link);
    const a = await addLabels(path, "a");
    await a.write({}, VALUES);
    for (const other of [path, link]) {
      const second = addLabels(other, "b");
      await expect(second).rejects.toMatchObject({ _tag: "WriteFailed", location: other });
      await expect(second).rejects.toThrow(`.${name}.lock`);
    }
    await a.close();
    const b = await addLabels(link, "b");
    await b.discard();
    const c = await addLabels(path, "c");
    await c.write({}, VALUES);
    await c.close();
    expect(await listed(path)).toEqual(["/labels/a", VALUES[5], "/labels/c", VALUES[5]]);
    expect(left()).toEqual([]);
    const run = await runOzx(["validate", "--deep", name], { cwd: temp.path() });
    expect(run, run.stdout).toMatchObject({ code: 0 });
  },
);

test.each(["image.ozx", "image.zarr"])(
  "%s that was replaced meanwhile gets none, and that is said",
  async (name) => {
    const path = temp.path(name);
    const a = await addLabels(path, "a");
    await a.write({}, VALUES);
    await makeImage(temp.path(`other-${name}`));
    rmSync(path, { recursive: true });
    renameSync(temp.path(`other-${name}`), path);
    await expect(a.close()).rejects.toMatchObject({ _tag: "SourceChanged", location: path });
    expect([await listed(path), left()]).toEqual([[], []]);
  },
);

test("of those who begin at the same moment one goes on", async () => {
  const path = temp.path("image.ozx");
  const begun = await Promise.allSettled(["a", "b", "c"].map((name) => addLabels(path, name)));
  const opened = begun.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(opened).toHaveLength(1);
  await opened[0]?.discard();
  expect(left()).toEqual([]);
});

test("what cannot be begun keeps nobody out", async () => {
  const path = temp.path("image.zarr");
  await expect(addLabels(path, "a", { dtype: "float32" })).rejects.toBeInstanceOf(RangeError);
  await (await addLabels(path, "a")).discard();
  await expect(addLabels(temp.path("none.ozx"), "a")).rejects.toMatchObject({ _tag: "NotFound" });
  expect(left()).toEqual([]);
});

test("a field of a plate is the same by its own path", async () => {
  const path = temp.path("plate.zarr");
  const plate = await createPlate(path, { rows: ["A"], columns: ["1"] });
  for (let field = 0; field < 2; field++) {
    await plate.createField("A/1", { axes: ["y", "x"], shape: [4, 4], dtype: "uint8" });
  }
  await plate.close();
  const a = await addLabels(path, "a", { image: "A/1/0" });
  await expect(addLabels(`${path}/A/1/0`, "a")).rejects.toMatchObject({ _tag: "WriteFailed" });
  const other = await addLabels(`${path}/A/1/1`, "a");
  await Promise.all([a.close(), other.close()]);
  for (const field of [0, 1]) expect(await listed(`${path}/A/1/${field}`)).toEqual(["/labels/a", 0]);
});

test.each([
  ["a process that is gone", { pid: 999999999, host: hostname(), since: Date.now() }, true],
  ["an earlier process of the same number", { pid: process.pid, host: hostname(), since: 0 }, true],
  ["a process that runs", { pid: process.ppid, host: hostname(), since: Date.now() }, false],
  ["a process of another computer", { pid: 999999999, host: "elsewhere", since: Date.now() }, false],
])("the lock of %s", async (_, holder, isTakenOver) => {
  const path = temp.path("image.ozx");
  writeFileSync(temp.path(".image.ozx.lock"), JSON.stringify(holder));
  const before = readFileSync(path);
  const adding = addLabels(path, "a").then((labels) => labels.discard());
  if (isTakenOver) await adding;
  else await expect(adding).rejects.toThrow(`process ${holder.pid} on ${holder.host}`);
  expect(left()).toEqual(isTakenOver ? [] : [".image.ozx.lock"]);
  expect(readFileSync(path)).toEqual(before);
});
