import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { crc32 } from "node:zlib";
import type { AbsolutePath } from "@ozx/core";
import { skipFor, startRangeServer, tempFolder } from "@ozx/testing";
import { open } from "ozx";
import { describe, expect, test } from "vitest";
import { encodeLzw } from "../../store-tiff/test/decode/encode.js";
import {
  basicFields,
  buildTiff,
  bytesOf,
  type Field,
  planePixels,
} from "../../store-tiff/test/fixtures/build-tiff.js";
import { omeImage, omeXml, stackOf, upTo } from "../../store-tiff/test/fixtures/stack.js";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const READER = fileURLToPath(new URL("support/reader.mjs", import.meta.url));
const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

/** Pages of 1 MB in strips that are compressed with LZW. */
function largeStack(count: number): Uint8Array {
  const [width, height, rows] = [1024, 512, 128];
  const fields: Field[] = basicFields(width, height).map((field) =>
    field[0] === 259 ? [259, "short", [5]] : field,
  );
  const strips = upTo(count).map((n) => {
    const bytes = bytesOf(planePixels(n, width, height));
    const size = rows * width * 2;
    return upTo(height / rows).map((k) => encodeLzw(bytes.subarray(k * size, (k + 1) * size)));
  });
  return buildTiff(strips.map((segments) => ({ fields: [...fields, [278, "long", [rows]]], segments })));
}

describe("the command takes TIFFs", () => {
  test("by a pattern of their names, also where the output is beside them", async () => {
    for (const n of upTo(4)) writeFileSync(temp.path(`img_t${n >> 1}_c${n % 2}.tif`), stackOf([n]));
    const converted = await ozx("convert", "img_t{t}_c{c}.tif", "stack.ozx", "--verify");
    expect(converted.stderr).toContain("all pixels and metadata are the same as in img_t{t}_c{c}.tif");
    expect(converted.code).toBe(0);
    expect((await ozx("verify", "img_t{t}_c{c}.tif", "stack.ozx")).code).toBe(0);
    expect((await ozx("info", "img_t{t}_c{c}.tif")).stdout).toContain("2×2×11×13");
  });

  test("that lack planes only with --allow-missing, and says what is missing", async () => {
    const blocks = upTo(2).map(
      (t) =>
        `<TiffData FirstT="${t}" IFD="0" PlaneCount="1"><UUID FileName="t${t}.ome.tif">urn:uuid:${t}</UUID></TiffData>`,
    );
    const xml = omeXml(omeImage({ t: 2, tiffData: blocks.join("") }), { uuid: "urn:uuid:0" });
    writeFileSync(temp.path("t0.ome.tif"), stackOf([0], xml));
    const refused = await ozx("convert", "t0.ome.tif", "set.ozx");
    expect(refused.stderr).toContain("t1.ome.tif is missing, which has planes of this image");
    expect(refused.code).toBe(3);
    const filled = await ozx("convert", "t0.ome.tif", "set.ozx", "--allow-missing", "--verify");
    expect(filled.stderr).toContain("1 chunk of t0.ome.tif cannot be read and is filled with 0: t1.ome.tif");
    expect(filled.code).toBe(0);
  });
});

test("several TIFFs are not viewed, with the way out", async () => {
  for (const n of upTo(2)) writeFileSync(temp.path(`seen_z${n}.tif`), stackOf([n]));
  const { code, stderr } = await ozx("view", "--no-open", "seen_z{z}.tif");
  expect(code).toBe(2);
  expect(stderr).toContain('convert them first, as in "ozx convert seen_z{z}.tif image.ozx", and view that');
});

test("a set of TIFFs on a server is shown, converted and verified by its address", async () => {
  const xml = (t: number): string => {
    const blocks = upTo(2).map(
      (k) =>
        `<TiffData FirstT="${k}" IFD="0" PlaneCount="1"><UUID FileName="t${k}.ome.tif">urn:uuid:${k}</UUID></TiffData>`,
    );
    return omeXml(omeImage({ t: 2, tiffData: blocks.join("") }), { uuid: `urn:uuid:${t}` });
  };
  const files = new Map(upTo(2).map((t) => [`/t${t}.ome.tif`, stackOf([t], xml(t))]));
  await using server = await startRangeServer((path) => files.get(path));
  const address = String(new URL("/t0.ome.tif", server.url));
  expect((await ozx("info", address)).stdout).toContain("2×11×13");
  expect((await ozx("convert", address, "served.ozx")).code).toBe(0);
  expect((await ozx("verify", address, "served.ozx")).code).toBe(0);
});

test("tiles and strips decoded in threads have the pixels that one thread decodes", {
  timeout: 60_000,
}, async () => {
  writeFileSync(temp.path("large.tif"), largeStack(6));
  const outputs = ["one", "two", "zstd"];
  for (const [k, options] of [
    ["-j", "1"],
    ["-j", "2"],
    ["-j", "2", "--codec", "zstd:1"],
  ].entries()) {
    expect((await ozx("convert", "large.tif", `${outputs[k]}.ozx`, ...options)).code).toBe(0);
  }
  for (const name of ["one", "two"]) {
    const store = await open(temp.path(`${name}.ozx`));
    for (const z of upTo(6)) {
      const bytes = await store.get(`/0/c/${z}/0/0`);
      expect(bytes && Buffer.compare(bytes, bytesOf(planePixels(z, 1024, 512))), `${name} ${z}`).toBe(0);
    }
    await store.close();
  }
  expect((await ozx("verify", "large.tif", "zstd.ozx", "-j", "2")).code).toBe(0);
});

test("a TIFF is opened again in another thread by its descriptor, with the same axes", async () => {
  writeFileSync(temp.path("plain.tif"), stackOf(upTo(4)));
  const store = await open(temp.path("plain.tif"), { axes: "t=2,z" });
  const keys = upTo(4).map((n): AbsolutePath => `/0/c/${n >> 1}/${n % 2}/0/0`);
  const expected = await Promise.all(keys.map(async (key) => crc32((await store.get(key)) ?? "")));
  const descriptor = store.descriptor?.();
  const worker = new Worker(READER, {
    workerData: { descriptor, reads: keys.map((key) => ({ key })) },
    execArgv: [],
  });
  const [answer] = await once(worker, "message");
  await worker.terminate();
  expect(answer).toMatchObject({ sums: expected });
  writeFileSync(temp.path("plain.tif"), stackOf(upTo(4), "another description"));
  const again = new Worker(READER, { workerData: { descriptor, reads: [] }, execArgv: [] });
  const [refused] = await once(again, "message");
  await again.terminate();
  expect(refused).toEqual({ error: "SourceChanged" });
  await store.close();
});

test("an interrupted conversion of a TIFF is resumed", skipFor(withoutShell()), async () => {
  writeFileSync(temp.path("resumed.tif"), largeStack(6));
  const args = ["convert", "resumed.tif", "resumed.ozx", "--resume", "-j", "1"];
  // Two of the six megabytes fit.
  const stopped = await runOzx(args, { cwd: temp.path(), shell: 'trap "" XFSZ; ulimit -f 2500; exec "$@"' });
  expect(stopped.code).not.toBe(0);
  expect(stopped.stderr).not.toContain("it cannot be detected whether");
  const resumed = await ozx(...args);
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).toContain("Resuming");
  expect((await ozx("verify", "resumed.tif", "resumed.ozx")).code).toBe(0);
});
