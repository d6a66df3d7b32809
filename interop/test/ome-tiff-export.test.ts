import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { memorySink } from "@ozx/core/container";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTiffWriter, type TiffForm } from "../../packages/store-tiff/src/write/tiff-writer.js";
import { writeOmeTiff } from "../../packages/store-tiff/src/write/write-ome-tiff.js";
import {
  type TypedImage,
  typedBytes,
  typedImage,
} from "../../packages/store-tiff/test/fixtures/typed-image.js";
import { inInterop, python, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

interface ReadTiff {
  readonly axes: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly sha256: string;
  readonly big: boolean;
  readonly tiled: boolean;
  readonly compression: number;
  readonly image: string | null;
  readonly pixels: Readonly<Record<string, unknown>> | null;
}

const FOLDER = inInterop(".cache/work/ome-tiffs");
const SMALL = { shape: [2, 2, 3, 40, 50], chunks: [1, 1, 2, 16, 16] } as const;
const ITEMS = {
  ...{ uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, float32: 4, float64: 8 },
  ...{ uint64: 8, int64: 8 },
} as const;

/** What is written, each with and without compression. */
const IMAGES: readonly TypedImage[] = [
  ...Object.entries(ITEMS).map(([dtype, item]) => ({ ...SMALL, dtype, item })),
  { dtype: "uint16", item: 2, shape: [1, 2, 1, 30, 2500], chunks: [1, 1, 1, 16, 700] },
];

describeWithTools("tifffile", [python], () => {
  beforeAll(() => mkdir(FOLDER, { recursive: true }));
  afterAll(() => rm(FOLDER, { recursive: true, force: true }));

  test("reads what is exported as OME-TIFF: values, axes, sizes, channels", async () => {
    const files: { readonly path: string; readonly how: TypedImage; readonly deflated: boolean }[] = [];
    for (const [at, how] of IMAGES.entries()) {
      for (const deflated of [false, true]) {
        const path = `${FOLDER}/${at}-${deflated}.ome.tif`;
        const sink = memorySink();
        await writeOmeTiff(await typedImage(how), sink, { deflated });
        await writeFile(path, sink.bytes());
        files.push({ path, how, deflated });
      }
    }
    const found = (await runPython("read_ome_tiff.py", ...files.map(({ path }) => path))) as ReadTiff[];
    expect(found).toHaveLength(files.length);
    for (const [at, { how, deflated }] of files.entries()) {
      const tiff = found[at];
      const isLarge = how.shape[4] === 2500;
      expect(tiff).toMatchObject({
        ...{ dtype: how.dtype, big: false, tiled: isLarge, compression: deflated ? 8 : 1 },
        ...{ axes: isLarge ? "CYX" : "TCZYX", shape: how.shape.filter((extent) => extent > 1) },
        sha256: createHash("sha256").update(typedBytes(how)).digest("hex"),
      });
      if (how.dtype.endsWith("64") && !how.dtype.startsWith("float")) {
        expect(tiff?.pixels).toBeNull();
        continue;
      }
      expect(tiff?.image).toBe("a & <b> µ");
      expect(tiff?.pixels).toMatchObject({
        ...{ PhysicalSizeX: 0.325, PhysicalSizeXUnit: "µm", PhysicalSizeY: 0.325, PhysicalSizeYUnit: "µm" },
        ...{ PhysicalSizeZ: 2, PhysicalSizeZUnit: "µm", TimeIncrement: 1.5, TimeIncrementUnit: "s" },
        Channel: [
          { Name: "DAPI", Color: 0x3f7fffff },
          { Name: '"GFP" é', Color: 0xff0080ff - 2 ** 32 },
        ],
      });
    }
  });

  test("reads a BigTIFF", async () => {
    const form: TiffForm = {
      ...{ pages: 3, width: 4, height: 2, bits: 8, sampleFormat: 1, deflated: false, description: "three" },
      segment: { tiled: false, width: 4, height: 1 },
    };
    const sink = memorySink();
    const writer = createTiffWriter(sink, form, true);
    for (let segment = 0; segment < 6; segment++) {
      const bytes = Uint8Array.from({ length: 4 }, (_, at) => segment * 4 + at);
      await writer.write(Math.floor(segment / 2), segment % 2, bytes);
    }
    await writer.finish();
    await writeFile(`${FOLDER}/big.tif`, sink.bytes());
    const [tiff] = (await runPython("read_ome_tiff.py", `${FOLDER}/big.tif`)) as ReadTiff[];
    const sha256 = createHash("sha256")
      .update(Uint8Array.from({ length: 24 }, (_, at) => at))
      .digest("hex");
    expect(tiff).toMatchObject({ big: true, sha256 });
  });
});
