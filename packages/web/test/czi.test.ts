import { writeFileSync } from "node:fs";
import { verifyStores } from "@ozx/convert";
import { memorySource } from "@ozx/core/container";
import { openCzi } from "@ozx/store-czi";
import { openOzx } from "@ozx/store-zip";
import { describeWithChromium, outsideSample, skipFor, tempFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { buildCzi, type TileToWrite, xmlOf } from "../../store-czi/test/fixtures/build-czi.js";
import { encodeLzw } from "../../store-tiff/test/decode/encode.js";
import { dropPath, visit } from "./page/drive.js";
import { choosePrivateFiles, privateFiles } from "./page/own-files.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const temp = tempFolder();
const served = pageServer();
const SIDE = 256;
const LZW = 2;
const XML = xmlOf(`<Information><Image><Dimensions><Channels>
  <Channel Id="Channel:0" Name="DNA"><Color>#FF0000FF</Color></Channel>
  <Channel Id="Channel:1" Name="Actin"><Color>#FF00FF00</Color></Channel></Channels></Dimensions></Image></Information>`);

/** Two tiles of a channel, the first of which is bright on the left, and the second at the top. */
function mosaic(channel: number): TileToWrite[] {
  return [0, 1].map((m) => {
    const x = m * (SIDE / 2);
    const pixels = new Uint8Array((SIDE / 2) * SIDE).map((_, k) => {
      const isBright = channel === 0 ? m === 0 : k < (SIDE * SIDE) / 4;
      return isBright ? 250 : 0;
    });
    const place = { at: { C: channel, M: m }, x, width: SIDE / 2, height: SIDE };
    return { ...place, compression: LZW, pixels: encodeLzw(pixels) };
  });
}

const bytes = buildCzi([...mosaic(0), ...mosaic(1)], { xml: XML });

beforeAll(() => {
  writeFileSync(temp.path("cells.czi"), bytes);
});

describeWithChromium("a CZI on the page", (chromium) => {
  test(
    "is drawn when it is dropped, and saved as an .ozx with the same pixels",
    skipFor(outsideSample()),
    async () => {
      await using visited = await visit(chromium(), served.url);
      const { page, complaints } = visited;
      await choosePrivateFiles(page);
      await dropPath(page, temp.path("cells.czi"));
      await page.getByRole("checkbox", { name: "Actin" }).waitFor();
      const screen = await stagePixels(page);
      const [x, y] = [screen.width / 2, screen.height / 2];
      const colors = [
        [-60, -60],
        [60, -60],
        [60, 60],
      ].map(([right = 0, down = 0]) =>
        screen.at(Math.round(x + right), Math.round(y + down)).map((value) => value > 128),
      );
      // Blue on the left, green at the top.
      expect(colors).toEqual([
        [false, true, true],
        [false, true, false],
        [false, false, false],
      ]);
      await page.getByRole("tab", { name: "Convert" }).click();
      await page.getByRole("button", { name: "Save as .ozx" }).click();
      await page.getByText("Saved cells.ozx").waitFor();
      const saved = (await privateFiles(page)).get("/cells.ozx") ?? Buffer.alloc(0);
      const differences = [];
      const original = await openCzi(memorySource(bytes, "cells.czi"));
      for await (const one of verifyStores(original, await openOzx(memorySource(new Uint8Array(saved))))) {
        differences.push(one);
      }
      expect(differences).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );
});
