import { isFullRun, startRangeServer } from "@ozx/testing";
import { expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { openNd2 } from "../src/index.js";
import { buildNd2, loop, planeOf } from "./fixtures/build-nd2.js";

test("a file on a server is opened with few requests, and a frame takes two more", async () => {
  const count = isFullRun ? 5_000 : 500;
  const frames = Array.from({ length: count }, (_, k) => k);
  const bytes = buildNd2({ frames, experiment: loop(1, count) });
  await using server = await serve(bytes);
  const store = await openNd2(new URL("/scan.nd2", server.url));
  expect(server.requests.length).toBeLessThanOrEqual(8);
  const before = server.requests.length;
  expect(await readPlane(store, "/0", { t: 250 })).toEqual(planeOf(250, 0));
  expect(server.requests.length - before).toBeLessThanOrEqual(2);
});

async function serve(bytes: Uint8Array) {
  const server = await startRangeServer((path) => (path === "/scan.nd2" ? bytes : undefined));
  return {
    url: server.url,
    get requests() {
      return server.requests;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
