import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { compareValues } from "../support/compare-values.js";
import { python, runOzx } from "../support/run.js";
import { samples, workFolder } from "../support/subjects.js";
import { describeWithTools } from "../support/tools.js";

describeWithTools("zarr-python, with folders that ozx writes as OME-Zarr 0.4", [python], () => {
  const { zstd, blosc, fortran, sharded } = samples;
  test.each([zstd, blosc, fortran, sharded])(
    "$name: reads the values of the archive",
    async ({ archive }) => {
      const input = await archive();
      const folder = `${workFolder}/old-of-${input.slice(input.lastIndexOf("/") + 1)}.zarr`;
      if (!existsSync(folder)) await runOzx("convert", input, folder, "--ome-zarr-version", "0.4");
      expect(existsSync(`${folder}/.zattrs`)).toBe(true);
      const found = await compareValues(folder, input);
      expect(found.arrays.length).toBeGreaterThan(3);
      expect(found).toMatchObject({ missing: [], added: [], differentValues: [] });
    },
  );
});
