import { isFullRun, startRangeServer } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { openCzi } from "../src/index.js";
import { buildCzi, type TileToWrite, valuesOf, xmlOf } from "./fixtures/build-czi.js";

const SIDE = 8;
const MANY = isFullRun ? 100_000 : 5_000;

function tileOf(k: number): TileToWrite {
  const [x, y] = [SIDE * (k % 100), SIDE * Math.floor(k / 100)];
  return {
    at: { Z: 0, C: 0, T: 0, S: 0, M: k },
    x,
    y,
    width: SIDE,
    height: SIDE,
    pixels: valuesOf(SIDE, SIDE, k % 9),
  };
}

describe("a CZI on a server", () => {
  test("of thousands of subblocks and a long text is opened with at most 8 requests", async () => {
    const xml = xmlOf(`<Comment>${"x".repeat(600_000)}</Comment>`);
    const stamps = new Uint8Array(256);
    const tiles = [...Array(MANY).keys()].map(tileOf);
    const bytes = buildCzi(tiles, { xml, attachments: [["TimeStamps", "CZTIMS", stamps]] });
    await using server = closing(await startRangeServer(() => bytes));
    const store = await openCzi(new URL("/cells.czi", server.url));
    expect(store.arrays.get("/0")?.shape).toEqual([(MANY / 100) * SIDE, 100 * SIDE]);
    expect(server.requests.length).toBeLessThanOrEqual(8);
    await store.close();
  });

  test("gives a plane without the others", async () => {
    const tiles = [...Array(20).keys()].map(
      (T): TileToWrite => ({ at: { T }, width: 300, height: 300, pixels: valuesOf(300, 300, T) }),
    );
    const bytes = buildCzi(tiles);
    await using server = closing(await startRangeServer(() => bytes));
    const store = await openCzi(new URL("/cells.czi", server.url));
    const before = server.requests.length;
    expect(await readPlane(store, "/0", { t: 7 })).toEqual(valuesOf(300, 300, 7));
    const read = server.requests.slice(before).reduce((sum, request) => sum + request.bytes, 0);
    expect(read).toBeLessThan(100_000);
    await store.close();
  });
});

function closing<T extends { close(): Promise<void> }>(server: T): T & AsyncDisposable {
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}
