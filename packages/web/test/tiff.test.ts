import { mkdirSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { verifyStores } from "@ozx/convert";
import { memorySource } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { openTiff, tiffFormat } from "@ozx/store-tiff";
import { openOzx } from "@ozx/store-zip";
import { describeWithChromium, outsideSample, skipFor, startRangeServer, tempFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { encodeLzw } from "../../store-tiff/test/decode/encode.js";
import {
  buildTiff,
  bytesOf,
  type Field,
  type PageToWrite,
} from "../../store-tiff/test/fixtures/build-tiff.js";
import { chooseFile, dropPath, type Page, picture, visit } from "./page/drive.js";
import { choosePrivateFiles, privateFiles } from "./page/own-files.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const temp = tempFolder();
const served = pageServer();
const SIDE = 256;
const XML = `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" Name="cells"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="${SIDE}" SizeY="${SIDE}" SizeZ="1" SizeC="2" SizeT="1" PhysicalSizeX="0.5" PhysicalSizeY="0.5"><Channel ID="Channel:0:0" Name="DNA" Color="65535"/><Channel ID="Channel:0:1" Name="Actin" Color="16711935"/><TiffData/></Pixels></Image></OME>`;

/** The same image with a file for each channel. */
function setXml(names: readonly string[]): string {
  const planes = names.map(
    (name, c) =>
      `<TiffData FirstC="${c}" IFD="0" PlaneCount="1"><UUID FileName="${name}">urn:uuid:${c}</UUID></TiffData>`,
  );
  return XML.replace("<TiffData/>", planes.join(""));
}

function fieldsOf(compression: number, { samples = 1, bits = 16 } = {}): Field[] {
  return [
    [256, "long", [SIDE]],
    [257, "long", [SIDE]],
    [258, "short", new Array<number>(samples).fill(bits)],
    [259, "short", [compression]],
    [262, "short", [samples === 1 ? 1 : 2]],
    [277, "short", [samples]],
  ];
}

/** Bright on the left in the first channel, and at the top in the second. */
function halves(channel: number, bigEndian = false): Uint8Array {
  const pixels = new Uint16Array(SIDE * SIDE).map((_, k) => {
    const isBright = channel === 0 ? k % SIDE < SIDE / 2 : k < (SIDE * SIDE) / 2;
    return isBright ? 60_000 : 0;
  });
  return bytesOf(pixels, bigEndian);
}

/** An OME-TIFF with two channels that are compressed with LZW, which is decoded. */
function omeTiff(): Uint8Array {
  return buildTiff(
    [0, 1].map(
      (channel): PageToWrite => ({
        fields: [...fieldsOf(5), ...(channel === 0 ? [[270, "ascii", XML] as const] : [])],
        segments: [encodeLzw(halves(channel))],
      }),
    ),
  );
}

/** A stack as ImageJ writes it, big-endian and not compressed. */
function imagejStack(): Uint8Array {
  const page = (k: number): PageToWrite => ({
    fields: [
      ...fieldsOf(1),
      ...(k === 0 ? [[270, "ascii", "ImageJ=1.53t\nimages=2\nslices=2\nunit=um\n"] as const] : []),
    ],
    segments: [halves(0, true)],
  });
  return buildTiff([0, 1].map(page), { bigEndian: true });
}

/** A slide in deflated tiles of RGB, red on the left. */
function slide(): Uint8Array {
  const tile = (isLeft: boolean): Uint8Array =>
    new Uint8Array(
      deflateSync(new Uint8Array(128 * 128 * 3).map((_, k) => (k % 3 === 0 && isLeft ? 255 : 0))),
    );
  const fields: Field[] = [
    ...fieldsOf(8, { samples: 3, bits: 8 }),
    [270, "ascii", "Aperio Image Library v10\n256x256 |AppMag = 20|MPP = 0.499"],
    [322, "long", [128]],
    [323, "long", [128]],
  ];
  return buildTiff([{ fields, segments: [true, false, true, false].map(tile), tiled: true }]);
}

beforeAll(() => {
  writeFileSync(temp.path("cells.ome.tif"), omeTiff());
});

/** The colour of the picture at a part of its width and height. */
async function colorsOf(page: Page, at: readonly (readonly [x: number, y: number])[]): Promise<boolean[][]> {
  const screen = await stagePixels(page);
  const middle = [screen.width / 2, screen.height / 2] as const;
  return at.map(([x, y]) =>
    screen.at(Math.round(middle[0] + x), Math.round(middle[1] + y)).map((value) => value > 128),
  );
}

/** The decoders of TIFFs that the workers of the page have loaded. */
async function decodersOf(page: Page): Promise<string[]> {
  const loaded = page
    .workers()
    .map((worker) =>
      worker.evaluate(() =>
        performance
          .getEntriesByType("resource")
          .flatMap(({ name }) => /stored-bytes-[^/]*js/.exec(name) ?? []),
      ),
    );
  return (await Promise.all(loaded)).flat();
}

const LEFT_TOP = [-60, -60] as const;
const RIGHT_BOTTOM = [60, 60] as const;
const RIGHT_TOP = [60, -60] as const;

describeWithChromium("a TIFF on the page", (chromium) => {
  test("is drawn when it is dropped, and saved as an .ozx with the same pixels", async () => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await choosePrivateFiles(page);
    await dropPath(page, temp.path("cells.ome.tif"));
    await page.getByRole("checkbox", { name: "Actin" }).waitFor();
    const colors = await colorsOf(page, [LEFT_TOP, RIGHT_TOP, RIGHT_BOTTOM]);
    // Blue on the left, green at the top.
    expect(colors).toEqual([
      [false, true, true],
      [false, true, false],
      [false, false, false],
    ]);
    await picture(page, "tiff");
    // The page stays quick: LZW is decoded in its workers.
    expect(await decodersOf(page)).not.toEqual([]);
    await page.getByRole("tab", { name: "Convert" }).click();
    await page.getByRole("button", { name: "Save as .ozx" }).click();
    await page.getByText("Saved cells.ozx").waitFor();
    const saved = (await privateFiles(page)).get("/cells.ozx") ?? Buffer.alloc(0);
    const differences = verifyStores(
      await openTiff(memorySource(omeTiff(), "cells.ome.tif")),
      await openOzx(memorySource(new Uint8Array(saved))),
    );
    for await (const { message } of differences) expect.fail(message);
    expect(complaints).toEqual([]);
  });

  test(
    "is drawn whole where its channels are in files that are dropped together, or in their folder",
    skipFor(outsideSample()),
    async () => {
      const names = ["cells_c0.ome.tif", "cells_c1.ome.tif"];
      mkdirSync(temp.path("set"));
      mkdirSync(temp.path("named"));
      for (const channel of [0, 1]) {
        const [set, own] = [setXml(names), `urn:uuid:${channel}`];
        const description = [270, "ascii", set.replace("<OME ", `<OME UUID="${own}" `)] as const;
        const segments = [halves(channel)];
        const page = { fields: [...fieldsOf(1), description], segments };
        writeFileSync(temp.path(`set/${names[channel]}`), buildTiff([page]));
        writeFileSync(temp.path(`named/img_c${channel}.tif`), buildTiff([{ fields: fieldsOf(1), segments }]));
      }
      await using visited = await visit(chromium(), served.url);
      const { page, complaints } = visited;
      await choosePrivateFiles(page);
      await dropPath(page, ...names.map((name) => temp.path(`set/${name}`)));
      await page.getByRole("checkbox", { name: "Actin" }).waitFor();
      const expected = [
        [false, true, true],
        [false, true, false],
        [false, false, false],
      ];
      expect(await colorsOf(page, [LEFT_TOP, RIGHT_TOP, RIGHT_BOTTOM])).toEqual(expected);
      await page.getByRole("tab", { name: "Convert" }).click();
      await page.getByRole("button", { name: "Save as .ozx" }).click();
      await page.getByText("Saved cells_c0.ozx").waitFor();
      const saved = (await privateFiles(page)).get("/cells_c0.ozx") ?? Buffer.alloc(0);
      const archive = await openOzx(memorySource(new Uint8Array(saved)));
      const differences = verifyStores(
        await openPath(temp.path(`set/${names[0]}`), { formats: [tiffFormat] }),
        archive,
      );
      for await (const { message } of differences) expect.fail(message);
      await dropPath(page, temp.path("named"));
      await page.getByRole("banner").getByText("named").waitFor();
      await page.getByRole("checkbox").nth(1).waitFor();
      expect(complaints).toEqual([]);
    },
  );

  test("is drawn where ImageJ wrote it, and where it is a slide", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, imagejStack(), "stack.tif");
    await page.getByRole("banner").getByText("stack.tif").waitFor();
    expect((await colorsOf(page, [LEFT_TOP])).flat()).toContain(true);
    await chooseFile(page, slide(), "scan.svs");
    await page.getByRole("banner").getByText("scan.svs").waitFor();
    await page.getByRole("checkbox", { name: "Red" }).waitFor();
    expect(await colorsOf(page, [LEFT_TOP, RIGHT_BOTTOM])).toEqual([
      [true, false, false],
      [false, false, false],
    ]);
    expect(complaints).toEqual([]);
  });

  test("is drawn from an address, by ranges", skipFor(outsideSample()), async () => {
    await using server = await startRangeServer(omeTiff(), {
      headers: { "Access-Control-Allow-Origin": "*" },
    });
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await page.getByLabel("Or from a server").fill(server.url);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.getByRole("checkbox", { name: "DNA" }).waitFor();
    expect((await colorsOf(page, [RIGHT_TOP]))[0]).toEqual([false, true, false]);
  });
});
