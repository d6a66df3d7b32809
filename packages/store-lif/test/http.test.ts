import { startRangeServer } from "@ozx/testing";
import { expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { openLif } from "../src/index.js";
import { buildLif, someBytes } from "./fixtures/build-lif.js";

test("a file on a server is opened by its header and the starts of its blocks, and a plane takes one request", async () => {
  const [width, height] = [400, 300];
  const images = [0, 1, 2, 3].map((k) => ({
    name: `s${k}`,
    dimensions: [
      [1, width, 1],
      [2, height, width],
      [3, 3, width * height],
    ] as const,
    bytes: someBytes(width * height * 3).map((byte) => byte + k),
  }));
  const bytes = buildLif(images);
  const server = await startRangeServer((path) => (path === "/project.lif" ? bytes : undefined));
  const store = await openLif(new URL("/project.lif", server.url));
  expect(server.requests.length).toBeLessThanOrEqual(10);
  const sent = server.requests.reduce((sum, request) => sum + request.bytes, 0);
  expect(sent).toBeLessThan(bytes.length / 3);
  const before = server.requests.length;
  expect(await readPlane(store, "/2/0", { z: 1 })).toEqual(
    images[2]?.bytes.slice(width * height, 2 * width * height),
  );
  expect(server.requests.length - before).toBe(1);
  await store.close();
  await server.close();
});
