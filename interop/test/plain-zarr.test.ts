import { expect, test } from "vitest";
import { compareValues } from "../support/compare-values.js";
import { python, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";
import { temporaryFolder, treeOf } from "../support/trees.js";

describeWithTools("Zarr of zarr-python that is not OME-Zarr", [python], () => {
  test.each([
    ["group", "3"],
    ["group", "2"],
    ["array", "3"],
    ["array", "2"],
  ])(
    "%s of v%s: zarr-python's ZipStore reads the .zip, and what is unpacked is the same",
    async (kind, format) => {
      const folder = await temporaryFolder();
      const [source, archive, unpacked] = [
        `${folder}/plain.zarr`,
        `${folder}/plain.zip`,
        `${folder}/out.zarr`,
      ];
      await runPython("make_plain.py", source, kind, format);
      await runOzx("convert", source, archive);
      await runOzx("convert", archive, unpacked);
      expect(await treeOf(unpacked)).toEqual(await treeOf(source));
      const found = await compareValues(source, archive);
      expect(found.arrays).toEqual(kind === "array" ? [""] : ["tables/scalar", "tables/x"]);
      expect(found).toMatchObject({
        missing: [],
        added: [],
        differentValues: [],
        zarrFormats: [Number(format)],
      });
    },
  );
});
