import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import {
  asRoot,
  describeSample,
  notOn,
  skipFor,
  tempFolder,
  testSample,
  withoutTool,
  writeSampleFolder,
} from "@ozx/testing";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { makeSparse } from "../../../scripts/lib/sparse-archive.mjs";
import { hiddenIn, readFolder } from "./support/folders.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });
const json = async (file: string, key: string) => JSON.parse((await ozx("cat", file, key)).stdout);
const SIZE = { size: { c: 2, z: 2, y: 64, x: 64 }, levels: 2 } as const;

async function done(running: Promise<Run>): Promise<Run> {
  const run = await running;
  expect(run, run.stderr + run.stdout).toMatchObject({ code: 0 });
  return run;
}

const TARGETS = ["image-04.zarr", "image-05.zarr", "image-06.zarr", "image.ozx"];

beforeAll(async () => {
  await writeSampleFolder(temp.path("sample.zarr"), SIZE);
  cpSync(temp.path("sample.zarr"), temp.path("other.zarr"), { recursive: true });
  mkdirSync(temp.path("first"));
  await done(ozx("convert", "sample.zarr", "first/image.ozx"));
  for (const version of ["0.4", "0.5", "0.6"])
    await done(
      ozx(
        "convert",
        "sample.zarr",
        `first/image-${version.replace(".", "")}.zarr`,
        "--ome-zarr-version",
        version,
      ),
    );
  for (const output of ["first/plate.ozx", "first/plate.zarr"])
    await done(ozx("merge", "sample.zarr", "other.zarr", output, "--layout", layout()));
});

function layout(): string {
  writeFileSync(
    temp.path("layout.csv"),
    "path,row,column,field,acquisition\nsample.zarr,A,1,0,0\nother.zarr,B,3,0,0\n",
  );
  return "layout.csv";
}

beforeEach(() => {
  for (const name of readdirSync(temp.path())) {
    if (/^(\.|image|plate)/.test(name)) rmSync(temp.path(name), { recursive: true });
  }
  cpSync(temp.path("first"), temp.path(), { recursive: true });
});

/** The documents of an image, in a folder or an archive, by their names. */
async function documentsOf(target: string): Promise<Map<string, string>> {
  const { stdout } = await done(ozx("ls", target));
  const names = stdout.split("\n").filter((name) => /(^|\/)(zarr\.json|\.z\w+)$/.test(name));
  const texts = await Promise.all(
    names.map(async (name) => [name, (await ozx("cat", target, name)).stdout] as const),
  );
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describeSample(TARGETS, 2)("%s", (target) => {
  test("scale, units and channels change, the result is valid, and undo restores every byte of its documents", async () => {
    const before = await documentsOf(target);
    const run = await done(
      ozx(
        "edit",
        target,
        ...["--scale", "z=2,y=0.65,x=0.65", "--unit", "um", "--name", "cells"],
        ...["--channel", "0:name=DNA,color=00FFFF,window=0..700", "--drop-channel", "1"],
      ),
    );
    expect(run.stderr).toMatch(/changed \d+ values in 2 documents/);
    expect(run.stderr).toContain("channel 1 is hidden: its pixels stay");
    const info = JSON.parse((await done(ozx("info", "--json", target))).stdout).files[0];
    const [image] = info.images;
    expect(image).toMatchObject({ name: "cells" });
    expect(image.levels.map(({ scale }: { scale: number[] }) => scale)).toEqual([
      [1, 2, 0.65, 0.65],
      [1, 2, 1.3, 1.3],
    ]);
    expect(image.labels[0].levels[1].scale).toEqual([2, 1.3, 1.3]);
    expect(image.axes.map(({ unit }: { unit: string }) => unit)).toEqual([
      null,
      "micrometer",
      "micrometer",
      "micrometer",
    ]);
    expect(image.channels[0]).toMatchObject({
      label: "DNA",
      color: "00FFFF",
      window: { start: 0, end: 700 },
    });
    expect(image.channels[1]).toMatchObject({ active: false });
    await done(ozx("validate", "--deep", target));
    await done(ozx("edit", target, "--undo"));
    expect(await documentsOf(target)).toEqual(before);
    await done(ozx("validate", "--deep", target));
    expect(await ozx("edit", target, "--undo")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no edit of"),
    });
    expect(hiddenIn(temp.path())).toEqual([]);
  });

  test("what info --edit prints, edit --from takes: unchanged it changes nothing", async () => {
    const { stdout } = await done(ozx("info", "--edit", target));
    writeFileSync(temp.path("image.json"), stdout);
    const same = await done(ozx("edit", target, "--from", "image.json"));
    expect(same.stderr).toContain("nothing to change");
    const metadata = JSON.parse(stdout);
    metadata.nodes[0].axes[3].scale = 0.1;
    metadata.nodes[0].channels[1].name = "second";
    metadata.nodes[1].name = "nuclei";
    writeFileSync(temp.path("image.json"), JSON.stringify(metadata));
    await done(ozx("edit", target, "--from", "image.json"));
    const after = JSON.parse((await done(ozx("info", "--edit", target))).stdout);
    metadata.nodes[1].axes[2].scale = 0.1;
    expect(after).toEqual(metadata);
    await done(ozx("validate", target));
  });
});

test("a dry run prints each value before and after, and writes nothing", async () => {
  const before = readFileSync(temp.path("image.ozx"));
  const run = await done(ozx("edit", "image.ozx", "--name", "cells", "--unit", "z=nanometer", "--dry-run"));
  expect(run.stdout).toMatch(/^ {2}zarr\.json$/m);
  expect(run.stdout).toContain('attributes.ome.multiscales[0].name: "cells in a dish" → "cells"');
  expect(run.stdout).toContain('attributes.ome.multiscales[0].axes[1].unit: "micrometer" → "nanometer"');
  expect(readFileSync(temp.path("image.ozx")).equals(before)).toBe(true);
  expect(hiddenIn(temp.path())).toEqual([]);
});

test(
  "only documents are added to an archive, whose directory lists them first",
  skipFor(withoutTool("python3")),
  async () => {
    const before = readFileSync(temp.path("image.ozx"));
    await done(ozx("edit", "image.ozx", "--scale", "x=3"));
    const after = readFileSync(temp.path("image.ozx"));
    const data = before.indexOf("PK\u0001\u0002");
    expect(after.subarray(0, data).equals(before.subarray(0, data))).toBe(true);
    const info = JSON.parse((await done(ozx("info", "--json", "image.ozx"))).stdout).files[0];
    expect(info.archive).toMatchObject({
      comment: { jsonFirst: true },
      order: { rootFirst: true, documentsFirst: true },
    });
    const script =
      "import json, sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.loads(z.read('zarr.json'))['attributes']['ome']['multiscales'][0]['datasets'][0]['coordinateTransformations'][0]['scale'][3])";
    expect(
      execFileSync("python3", ["-c", script, temp.path("image.ozx")])
        .toString()
        .trim(),
    ).toBe("3");
  },
);

test("edits follow each other, and the last one is undone; fix --force does not keep that from it", async () => {
  await done(ozx("edit", "image.ozx", "--name", "one"));
  const between = await documentsOf("image.ozx");
  await done(ozx("edit", "image.ozx", "--scale", "x=3"));
  await done(ozx("fix", "--force", "image.ozx"));
  await done(ozx("edit", "image.ozx", "--undo"));
  expect(await documentsOf("image.ozx")).toEqual(between);
});

test("undo is refused where other changes would be lost", async () => {
  await done(ozx("edit", "image-05.zarr", "--name", "one"));
  const document = JSON.parse(readFileSync(temp.path("image-05.zarr/zarr.json"), "utf8"));
  document.attributes.note = "by hand";
  writeFileSync(temp.path("image-05.zarr/zarr.json"), JSON.stringify(document));
  const run = await ozx("edit", "image-05.zarr", "--undo");
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("changed after the last edit") });
  expect(readFileSync(temp.path("image-05.zarr/zarr.json"), "utf8")).toContain("by hand");
});

testSample(["plate.ozx", "plate.zarr"], 1)(
  "a well of %s gets another place, with its pixels, and back",
  async (target) => {
    const before = await documentsOf(target);
    const run = await done(ozx("edit", target, "--rename-well", "A/1=C/2", "--acquisition", "0:name=day 1"));
    expect(run.stderr).toMatch(/moved 1 well/);
    const { plate } = (await json(target, "zarr.json")).attributes.ome;
    expect(plate.wells.map(({ path }: { path: string }) => path)).toEqual(["B/3", "C/2"]);
    expect(plate.acquisitions).toEqual([{ id: 0, name: "day 1" }]);
    await done(ozx("validate", "--deep", target));
    await done(ozx("convert", target, "image-well.zarr", "--path", "C/2/0"));
    await done(ozx("verify", "image-well.zarr", "sample.zarr"));
    expect((await done(ozx("ls", target))).stdout).not.toContain("A/1/");
    await done(ozx("edit", target, "--undo"));
    expect(await documentsOf(target)).toEqual(before);
    await done(ozx("validate", "--deep", target));
  },
);

test("a folder has the same files after an edit is undone", async () => {
  const before = readFolder(temp.path("plate.zarr"));
  await done(ozx("edit", "plate.zarr", "--rename-well", "A/1=C/2"));
  await done(ozx("edit", "plate.zarr", "--undo"));
  expect(readFolder(temp.path("plate.zarr"))).toEqual(before);
});

test("OME-XML beside the metadata is said to stay as it is", async () => {
  mkdirSync(temp.path("image-05.zarr/OME"));
  writeFileSync(temp.path("image-05.zarr/OME/METADATA.ome.xml"), "<OME/>");
  const { stderr } = await done(ozx("edit", "image-05.zarr", "--scale", "x=2"));
  expect(stderr).toContain("OME/METADATA.ome.xml in image-05.zarr may have the same values");
  expect(readFileSync(temp.path("image-05.zarr/OME/METADATA.ome.xml"), "utf8")).toBe("<OME/>");
});

test("what may not be written stays as it is, and nothing is left beside it", skipFor(asRoot()), async () => {
  for (const target of ["image.ozx", "image-05.zarr/zarr.json"]) chmodSync(temp.path(target), 0o444);
  chmodSync(temp.path("image-05.zarr"), 0o555);
  try {
    for (const target of ["image.ozx", "image-05.zarr"]) {
      const run = await ozx("edit", target, "--name", "x");
      expect(run).toMatchObject({ code: 74, stderr: expect.stringContaining("ask for write permission") });
    }
    expect(hiddenIn(temp.path())).toEqual([]);
  } finally {
    chmodSync(temp.path("image-05.zarr"), 0o755);
  }
});

test("a result that is not valid is refused with its rule, and nothing is written", async () => {
  const before = readFileSync(temp.path("image.ozx"));
  const wrong = [
    [["--scale", "t=2"], "no axis t"],
    [["--unit", "parrot"], "parrot is not a unit"],
    [["--rename-channel", "Nothing=x"], "no channel Nothing"],
    [["--rename-well", "A/1=B/2"], "is not a plate"],
    [["--undo"], "there is no edit of image.ozx to undo"],
    [["--from", "text.json"], "text.json is not JSON: "],
    [["--rename-channel", "=x"], "as in 0:name=DNA"],
    [["--scale", "x=0"], "above 0"],
    [["--channel", "0:colour=1"], "--channel takes"],
    [[], "give what to change"],
    [["--scale", "x=1e308"], "the result would violate ome-unreadable-part"],
    [["--undo", "--name", "x"], "cannot be used together"],
    [["--path", "0", "--name", "x"], "choose an image, a label image or a plate"],
  ] as const;
  writeFileSync(temp.path("text.json"), "hello\n\nworld");
  for (const [args, message] of wrong) {
    expect(await ozx("edit", "image.ozx", ...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  }
  writeFileSync(temp.path("image.json"), '{"schemaVersion":1,"nodes":[{"path":"/","levels":3}]}');
  const run = await ozx("edit", "image.ozx", "--from", "image.json");
  expect(run).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("nodes[0].levels that cannot be edited"),
  });
  expect(readFileSync(temp.path("image.ozx")).equals(before)).toBe(true);
});

test("an edit of 100 GB writes less than 1 MB", skipFor(notOn("win32", "darwin")), async () => {
  makeSparse(temp.path("image.ozx"), 100e9);
  const before = statSync(temp.path("image.ozx"));
  await done(ozx("edit", "image.ozx", "--scale", "z=1.25,y=0.65,x=0.65"));
  const after = statSync(temp.path("image.ozx"));
  expect(after.size).toBeGreaterThan(100e9);
  expect(after.size - before.size).toBeLessThan(1e6);
  expect((after.blocks - before.blocks) * 512).toBeLessThan(1e6);
  const info = JSON.parse((await done(ozx("info", "--json", "image.ozx"))).stdout).files[0];
  expect(info.images[0].levels[0].scale).toEqual([1, 1.25, 0.65, 0.65]);
});
