import { expect, test } from "vitest";
import { basicFields, buildTiff, bytesOf, type Field, planePixels } from "../fixtures/build-tiff.js";
import { openBytes } from "../fixtures/open.js";

const xmp = (text: string): Field => [700, "bytes", new TextEncoder().encode(text)];

test.each([
  ["BIF by its XMP", [xmp(`<M>${" ".repeat(40)}<iScan/></M>`)], /Roche BIF, whose tiles overlap; convert it/],
  ["BIF by its description", [xmp("<EncodeInfo/>"), [270, "ascii", "Label_Image"]], /Roche BIF/],
  ["BIF by its program", [xmp("<EncodeInfo/>"), [305, "ascii", "ScanOutputManager 1.1"]], /Roche BIF/],
  ["Trestle", [[305, "ascii", "MedScan"]], /Trestle TIFF/],
  ["Flex", [[65_200, "ascii", "<Root/>"]], /Opera Flex/],
  ["DNG", [[50_706, "bytes", Uint8Array.of(1, 4, 0, 0)]], /raw picture/],
  ["TIFF\u2215EP", [[37_398, "bytes", Uint8Array.of(1, 0, 0, 0)]], /raw picture/],
  ["a GEL of square roots", [[33_445, "long", [2]]], /Molecular Dynamics GEL/],
  ["CIELAB", [[262, "short", [8]]], /CIELAB colour, which OME-Zarr cannot describe/],
  [
    "CIELAB in JPEG",
    [
      [262, "short", [8]],
      [259, "short", [7]],
    ],
    /CIELAB/,
  ],
  ["a colour filter array", [[262, "short", [32_803]]], /colour filter array/],
] as const satisfies readonly (readonly [string, readonly Field[], RegExp])[])(
  "%s is refused by name: its pixels are not the picture",
  async (_, fields, message) => {
    const own = fields.map(([tag]) => tag as number);
    const page = {
      fields: [...basicFields(7, 5, 16, 3).filter(([tag]) => !own.includes(tag)), ...fields],
      segments: [bytesOf(planePixels(0, 21, 5))],
    };
    const opening = openBytes(buildTiff([page]));
    await expect(opening).rejects.toMatchObject({ _tag: "Unsupported" });
    await expect(opening).rejects.toThrow(message);
  },
);
