import { mkdirSync, writeFileSync } from "node:fs";
import { verifyStores } from "@ozx/convert";
import { memorySource } from "@ozx/core/container";
import { openLif } from "@ozx/store-lif";
import { openNd2 } from "@ozx/store-nd2";
import { openOzx } from "@ozx/store-zip";
import { describeWithChromium, outsideSample, skipFor, tempFolder } from "@ozx/testing";
import { expect, test } from "vitest";
import { buildLif, buildXlef } from "../../store-lif/test/fixtures/build-lif.js";
import { buildNd2 } from "../../store-nd2/test/fixtures/build-nd2.js";
import { chooseFile, dropPath, type Page, visit } from "./page/drive.js";
import { choosePrivateFiles, privateFiles } from "./page/own-files.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const temp = tempFolder();
const served = pageServer();
const SIDE = 256;

/** Blue on the left and green at the top: the two channels of an ND2, side by side, whose rows are filled up. */
const nd2 = (): Uint8Array =>
  buildNd2({
    width: SIDE,
    height: SIDE,
    components: [1, 1],
    names: ["DNA", "Actin"],
    zlib: true,
    pad: 4,
    pixels: Uint16Array.from({ length: 2 * SIDE * SIDE }, (_, k) => {
      const [x, y] = [(k >> 1) % SIDE, Math.floor((k >> 1) / SIDE)];
      return (k % 2 === 0 ? x < SIDE / 2 : y < SIDE / 2) ? 4000 : 0;
    }),
  });

/** A colour picture that is red on the left, stored with blue first. */
const lif = (): Uint8Array =>
  buildLif([
    {
      name: "picture",
      dimensions: [
        [1, SIDE, 3],
        [2, SIDE, 3 * SIDE],
      ],
      channels: [
        [0, 3],
        [1, 2],
        [2, 1],
      ],
      bytes: Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, k) =>
        k % 3 === 2 && Math.floor(k / 3) % SIDE < SIDE / 2 ? 255 : 0,
      ),
    },
  ]);

describeWithChromium("a file of a microscope on the page", (chromium) => {
  test(
    "is drawn when an ND2 is dropped, and saved as an .ozx with the same pixels",
    skipFor(outsideSample()),
    async () => {
      writeFileSync(temp.path("cells.nd2"), nd2());
      await using visited = await visit(chromium(), served.url);
      const { page, complaints } = visited;
      await choosePrivateFiles(page);
      await dropPath(page, temp.path("cells.nd2"));
      await page.getByRole("checkbox", { name: "Actin" }).waitFor();
      const screen = await stagePixels(page);
      const at = (x: number, y: number): boolean[] =>
        screen
          .at(Math.round(screen.width / 2 + x), Math.round(screen.height / 2 + y))
          .map((value) => value > 128);
      expect(at(-60, -60)).toEqual([false, true, true]);
      expect(at(60, -60)).toEqual([false, true, false]);
      expect(at(60, 60)).toEqual([false, false, false]);
      await page.getByRole("tab", { name: "Convert" }).click();
      await page.getByRole("button", { name: "Save as .ozx" }).click();
      await page.getByText("Saved cells.ozx").waitFor();
      const saved = (await privateFiles(page)).get("/cells.ozx") ?? Buffer.alloc(0);
      const differences = verifyStores(
        await openNd2(memorySource(nd2(), "cells.nd2")),
        await openOzx(memorySource(new Uint8Array(saved))),
      );
      for await (const { message } of differences) expect.fail(message);
      expect(complaints).toEqual([]);
    },
  );

  test("is drawn when it is a LIF", async () => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, lif(), "picture.lif");
    await page.getByRole("checkbox", { name: "Red" }).waitFor();
    await expectRedOnTheLeft(page);
    expect(complaints).toEqual([]);
    const store = await openLif(memorySource(lif(), "picture.lif"));
    expect([...store.arrays.keys()]).toEqual(["/0"]);
  });

  test.each([
    ["dropped as a folder", ["project"]],
    ["dropped as files", ["project/scan.xlef", "project/picture.lif"]],
  ])("is drawn when it is a Leica project, %s", async (_, paths) => {
    mkdirSync(temp.path("project/M"), { recursive: true });
    writeFileSync(temp.path("project/scan.xlef"), buildXlef("scan", ["picture.lif", "M/more.xlcf"]));
    writeFileSync(temp.path("project/M/more.xlcf"), buildXlef("more", [], "Collection"));
    writeFileSync(temp.path("project/picture.lif"), lif());
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await dropPath(page, ...paths.map((path) => temp.path(path)));
    await page.getByRole("checkbox", { name: "Red" }).waitFor();
    await expectRedOnTheLeft(page);
    expect(complaints).toEqual([]);
  });
});

/** The picture of {@link lif}: red on the left of the middle, black on its right. */
async function expectRedOnTheLeft(page: Page): Promise<void> {
  const screen = await stagePixels(page);
  const at = (x: number): boolean[] =>
    screen.at(Math.round(screen.width / 2 + x), Math.round(screen.height / 2)).map((value) => value > 128);
  expect(at(-60)).toEqual([true, false, false]);
  expect(at(60)).toEqual([false, false, false]);
}
