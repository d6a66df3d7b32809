import { readFileSync } from "node:fs";
import { type RangeServer, startRangeServer, writeSampleFolder } from "@ozx/testing";
import { afterEach, beforeAll, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";
import { useTempFolder } from "./support/temp-folder.js";

const temp = useTempFolder();
let server: RangeServer | undefined;

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), {
    size: { c: 2, z: 2, y: 300, x: 300 },
    levels: 2,
    chunk: 64,
  });
  await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: temp.path() });
});

afterEach(() => server?.close());

test("info of an archive on a server reads its metadata and nothing else", async () => {
  const bytes = readFileSync(temp.path("image.ozx"));
  server = await startRangeServer(bytes);
  const [remote, local] = [
    await runOzx(["info", server.url]),
    await runOzx(["info", "image.ozx"], { cwd: temp.path() }),
  ];
  expect(remote, remote.stderr).toMatchObject({ code: 0 });
  expect(remote.stdout.split("\n").slice(1)).toEqual(local.stdout.split("\n").slice(1));
  expect(server.requests.length).toBeLessThanOrEqual(6);
  expect(server.requests.reduce((sum, request) => sum + request.bytes, 0)).toBeLessThan(bytes.length);
});

test("an archive on a server is unpacked and compared without a download of its own", async () => {
  server = await startRangeServer(readFileSync(temp.path("image.ozx")));
  const run = await runOzx(["convert", server.url, "copy.zarr", "--verify"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(readFolder(temp.path("copy.zarr"))).toEqual(readFolder(temp.path("image.zarr")));
});

test.each([
  ["no-ranges", 5, "does not send parts of files"],
  ["not-found", 3, "does not exist"],
  ["forbidden", 3, "may not be read"],
  ["disguised-web-page", 4, ""],
  ["silently-replaced", 4, ""],
] as const)("%s: exit code %i and one sentence", async (fault, code, sentence) => {
  server = await startRangeServer(readFileSync(temp.path("image.ozx")), { fault });
  const run = await runOzx(["convert", server.url, "never.zarr"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code, stdout: "" });
  expect(run.stderr).toContain(sentence);
  expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("a server that is not there is exit code 7", async () => {
  const gone = await startRangeServer(new Uint8Array(1));
  await gone.close();
  expect(await runOzx(["info", gone.url])).toMatchObject({ code: 7, stdout: "" });
});

test("nothing is written to a server", async () => {
  expect(
    await runOzx(["convert", "image.zarr", "https://example.org/image.ozx"], { cwd: temp.path() }),
  ).toMatchObject({ code: 2 });
});
