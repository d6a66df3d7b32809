import { writeFileSync } from "node:fs";
import { skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { type Run, runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();

function ls(...args: string[]): Promise<Run> {
  return runOzx(["ls", ...args], { cwd: temp.path() });
}

const lines = ({ stdout }: Run): string[] => stdout.split("\n").slice(0, -1);

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), { levels: 1, size: { c: 1, z: 1, y: 64, x: 64 } });
  await runOzx(["convert", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
});

test("lists the same keys of a folder and of its archive", async () => {
  const [folder, archive] = [await ls("cells.zarr"), await ls("cells.ozx")];
  expect(lines(folder).sort()).toEqual([...readFolder(temp.path("cells.zarr")).keys()].sort());
  expect(lines(archive).sort()).toEqual(lines(folder).sort());
  expect(lines(archive)[0]).toBe("zarr.json");
});

test.each(["labels", "/labels", "labels/", "/labels/"])("lists what is below %s", async (prefix) => {
  const { stdout } = await ls("cells.ozx", prefix);
  expect(stdout).toMatch(/^labels\/zarr.json$/m);
  expect(stdout).not.toMatch(/^(?!labels\/)./m);
});

test("a prefix that is a key lists that key", async () => {
  expect(lines(await ls("cells.ozx", "labels/zarr.json"))).toEqual(["labels/zarr.json"]);
});

test("a prefix without anything is missing", async () => {
  expect(await ls("cells.ozx", "label")).toMatchObject({
    code: 3,
    stdout: "",
    stderr: expect.stringContaining("there is no label in cells.ozx"),
  });
});

test("-l adds sizes, and for archives method and offset", async () => {
  const size = readFolder(temp.path("cells.zarr")).get("zarr.json")?.length;
  expect((await ls("-l", "cells.zarr")).stdout).toMatch(new RegExp(`^ +${size}  zarr\\.json$`, "m"));
  expect((await ls("-l", "cells.ozx")).stdout).toMatch(/^ +\d+ {2}stored +0 {2}zarr\.json$/m);
  const files = Object.fromEntries(readFolder(temp.path("cells.zarr")));
  writeFileSync(temp.path("deflated.zip"), zipSync(files, { level: 9 }));
  expect((await ls("-l", "deflated.zip")).stdout).toMatch(
    new RegExp(`^ +${size}  deflated +\\d+  zarr\\.json$`, "m"),
  );
});

test("--json is one object a line", async () => {
  const entries = lines(await ls("--json", "cells.ozx", "0")).map((line) => JSON.parse(line));
  expect(entries).toEqual([
    { key: "0/zarr.json", size: expect.any(Number), method: "stored", offset: expect.any(Number) },
    { key: "0/c/0/0/0/0", size: expect.any(Number), method: "stored", offset: expect.any(Number) },
  ]);
  expect(JSON.parse(lines(await ls("--json", "cells.zarr", "zarr.json"))[0] ?? "")).toEqual({
    key: "zarr.json",
    size: expect.any(Number),
  });
});

test("ends without a word when nobody reads any more", skipFor(withoutShell("head")), async () => {
  const entries: Record<string, Uint8Array> = {
    "zarr.json": new TextEncoder().encode('{"zarr_format":3,"node_type":"group"}'),
  };
  for (let k = 0; k < 30_000; k++) entries[`0/c/${k}/${"long".repeat(8)}`] = new Uint8Array();
  writeFileSync(temp.path("many.zip"), zipSync(entries, { level: 0 }));
  const { code, stdout, stderr } = await runOzx(["ls", "many.zip"], {
    cwd: temp.path(),
    shell: 'set -o pipefail; "$@" | head -2',
  });
  expect({ code, stderr, lines: stdout.split("\n").length }).toEqual({ code: 0, stderr: "", lines: 3 });
});
