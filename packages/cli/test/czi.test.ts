import { writeFileSync } from "node:fs";
import { loadCodecs } from "@ozx/core/codecs";
import { tempFolder } from "@ozx/testing";
import { open, openOmeZarr } from "ozx";
import { beforeAll, expect, test } from "vitest";
import { buildCzi, type TileToWrite, valuesOf, xmlOf } from "../../store-czi/test/fixtures/build-czi.js";
import { encodeLzw } from "../../store-tiff/test/decode/encode.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const SIDE = 256;
const LZW = 2;
const ZSTD1 = 6;
const XML = xmlOf('<Scaling><Items><Distance Id="X"><Value>2.5E-07</Value></Distance></Items></Scaling>');

beforeAll(async () => {
  const { zstd } = await loadCodecs();
  const planes = await Promise.all(
    [0, 1, 2].map(async (T): Promise<TileToWrite> => {
      const frame = await zstd.encode(valuesOf(SIDE, SIDE, T), { level: 3 });
      return {
        at: { T },
        width: SIDE,
        height: SIDE,
        compression: ZSTD1,
        pixels: new Uint8Array([1, ...frame]),
      };
    }),
  );
  // What it is called does not matter.
  writeFileSync(temp.path("scan.dat"), buildCzi(planes, { xml: XML }));
  // Enough to be decoded in threads.
  const tiles = [...Array(100).keys()].map((m): TileToWrite => {
    const place = { at: { M: m }, x: 200 * (m % 10), y: 200 * Math.floor(m / 10), width: SIDE, height: SIDE };
    return { ...place, compression: LZW, pixels: encodeLzw(valuesOf(SIDE, SIDE, m)) };
  });
  writeFileSync(temp.path("mosaic.czi"), buildCzi(tiles));
});

async function ozx(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runOzx(args, { cwd: temp.path() });
  expect(code, stderr).toBe(0);
  return stdout;
}

test("info says what a CZI holds, and how its tiles are read", async () => {
  expect(await ozx("info", "scan.dat")).toMatch(/in a CZI, .*Zstandard tiles, copied as they are/s);
  expect(await ozx("info", "mosaic.czi")).toMatch(/LZW tiles, put together when read/);
});

test.each(["scan.dat", "mosaic.czi"])(
  "%s is converted, and the output verified and validated",
  async (name) => {
    await ozx("convert", name, `${name}.ozx`);
    await ozx("verify", name, `${name}.ozx`);
    expect(await ozx("validate", "--deep", `${name}.ozx`)).toContain("conforms");
  },
);

test("the library opens one, and gives its pixels", async () => {
  const store = await open(temp.path("scan.dat"));
  expect(store.format).toBe("czi");
  await store.close();
  const node = await openOmeZarr(temp.path("scan.dat"));
  expect(node.kind).toBe("image");
  await node.close();
});

test("a damaged one is refused by name", async () => {
  writeFileSync(
    temp.path("cut.czi"),
    buildCzi([{ width: 8, height: 8, pixels: valuesOf(8, 8) }]).subarray(0, 700),
  );
  const { code, stderr } = await runOzx(["info", "cut.czi"], { cwd: temp.path() });
  expect(code).toBe(4);
  expect(stderr).toMatch(/cut\.czi .*: it is damaged or was not copied completely/);
  expect(stderr).not.toMatch(/at .*\.js/);
});
