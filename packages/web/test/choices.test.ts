import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  arrayDocument,
  describeWithChromium,
  encodeJson,
  outsideSample,
  sampleMap,
  skipFor,
  tempFolder,
} from "@ozx/testing";
import { zipSync } from "fflate";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { dropPath, picture, visit, type WatchedPage } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const temp = tempFolder();
const SMALL = { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 } as const;
const served = pageServer();

function fileOf(name: string, bytes: Uint8Array): string {
  writeFileSync(temp.path(name), bytes);
  return temp.path(name);
}

describeWithChromium("what can be opened in more than one way", (chromium) => {
  let visited: WatchedPage;
  beforeAll(async () => {
    visited = await visit(chromium(), served.url, { width: 900, height: 600 });
  });
  afterAll(() => visited[Symbol.asyncDispose]());
  afterEach(() => {
    expect(visited.complaints.splice(0)).toEqual([]);
  });

  const shows = async (name: string): Promise<void> => {
    const { page } = visited;
    await page.getByRole("banner").getByText(name).waitFor();
    await page.locator(".stage[data-complete=true]").waitFor();
  };

  test("several files that are dropped are a question, and the open one stays until it is answered", async () => {
    const { page } = visited;
    const archive = await sampleArchive(SMALL);
    const [first, second] = [fileOf("first.ozx", archive), fileOf("second.ozx", archive)];
    await dropPath(page, first);
    await shows("first.ozx");
    await dropPath(page, first, second);
    await page.getByRole("heading", { name: "Which of the 2?" }).waitFor();
    await picture(page, "which file");
    await page.getByRole("button", { name: "Cancel" }).click();
    await shows("first.ozx");
    await dropPath(page, first, second);
    await page.getByRole("dialog").getByRole("button", { name: "second.ozx" }).click();
    await shows("second.ozx");
  });

  test("one of several images of a zip archive is chosen", skipFor(outsideSample()), async () => {
    const { page } = visited;
    const entries = [...(await sampleMap(SMALL))];
    const files = ["a.zarr", "b.zarr"].flatMap((name) => entries.map(([key, value]) => [name + key, value]));
    await dropPath(page, fileOf("two.zip", zipSync(Object.fromEntries(files), { level: 0 })));
    await page.getByRole("heading", { name: "two.zip has 2 images" }).waitFor();
    await picture(page, "which image");
    await page.getByRole("button", { name: "b.zarr" }).click();
    await shows("two.zip/b.zarr");
    await page.getByRole("tab", { name: "Archive" }).click();
    await page
      .locator("[data-verdict=conforms]")
      .getByText(/^OME-Zarr 0\.5/)
      .waitFor();
    expect(await page.getByText(/cannot-open/).count(), "what was chosen is checked").toBe(0);
  });

  test("a Zarr array without metadata is drawn, in red, green and blue where it has three channels", async () => {
    const { page } = visited;
    const document = { ...arrayDocument({ shape: [3, 32, 32], dataType: "uint8" }), fill_value: 90 };
    const named = { ...document, dimension_names: ["c", "y", "x"] };
    const zip = zipSync({ "zarr.json": encodeJson(named) });
    await dropPath(page, fileOf("array.zip", zip));
    await shows("array.zip");
    await page.getByRole("note").getByText("without OME-Zarr metadata").waitFor();
    const screen = await stagePixels(page);
    expect(screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2))).toEqual([90, 90, 90]);
  });

  test(
    "files of other formats are named, with the way out and without the faults of a zip archive",
    skipFor(outsideSample()),
    async () => {
      const { page } = visited;
      for (const [name, start, message] of [
        [
          "cells.oib",
          "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1",
          /Olympus OIB.*: convert it to OME-Zarr first, as with bioformats2raw/,
        ],
        ["cells.h5", "\u0089HDF\r\n\u001a\n", /an HDF5 file: convert it to OME-Zarr first/],
      ] as const) {
        await dropPath(page, fileOf(name, Buffer.from(start.padEnd(600, "\0"), "latin1")));
        await page.getByRole("alert").getByText(message).waitFor();
        await page.waitForTimeout(200);
        expect(await page.getByText("What is wrong with it").count()).toBe(0);
      }
    },
  );

  test(
    "a file on a server without ranges is downloaded as a whole, if one wants",
    skipFor(outsideSample()),
    async () => {
      const { page, complaints } = visited;
      const archive = await sampleArchive(SMALL);
      const server = createServer((_, response) => {
        response.writeHead(200, { "content-length": archive.length, "access-control-allow-origin": "*" });
        response.end(archive);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        await page.goto(`${served.url}?source=http://127.0.0.1:${port}/whole.ozx`);
        const offer = page.getByRole("button", { name: /^Download the whole file \([\d.]+ kB\)$/ });
        await offer.waitFor();
        await picture(page, "download");
        await offer.click();
        await shows("whole.ozx");
      } finally {
        server.close();
        server.closeAllConnections();
      }
      complaints.splice(0);
    },
  );

  test(
    "a download of a whole file ends when something else is opened",
    skipFor(outsideSample()),
    async () => {
      const { page, complaints } = visited;
      const archive = await sampleArchive(SMALL);
      let ended: Promise<unknown> | undefined;
      const server = createServer(({ method, url, headers }, response) => {
        response.writeHead(200, { "content-length": archive.length, "access-control-allow-origin": "*" });
        const isWhole = url === "/slow.ozx" && method === "GET" && headers.range === undefined;
        if (!isWhole) return response.end(archive);
        ended = once(response, "close");
        return response.write(archive.subarray(0, 1000));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        await page.goto(`${served.url}?source=http://127.0.0.1:${port}/slow.ozx`);
        await page.getByRole("button", { name: /^Download the whole file/ }).click();
        await page.getByRole("button", { name: /^Downloading/ }).waitFor();
        await dropPath(page, fileOf("other.ozx", archive));
        await shows("other.ozx");
        await ended;
      } finally {
        server.close();
        server.closeAllConnections();
      }
      complaints.splice(0);
    },
  );

  test("a file that was dropped is offered again after a reload", skipFor(outsideSample()), async () => {
    const { page } = visited;
    await page.goto(served.url);
    await dropPath(page, fileOf("again.ozx", await sampleArchive(SMALL)));
    await shows("again.ozx");
    await page.reload();
    await page.getByRole("button", { name: "Open again.ozx again" }).waitFor();
    await picture(page, "open again");
  });
});
