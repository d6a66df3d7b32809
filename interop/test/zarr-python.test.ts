import { expect, test } from "vitest";
import { compareValues } from "../support/compare-values.js";
import { python } from "../support/run.js";
import { describeSubjects } from "../support/subjects.js";
import { describeWithTools } from "../support/tools.js";

describeWithTools("zarr-python's ZipStore", [python], () => {
  describeSubjects((subject) => {
    test("reads the same values as from the folder, for every array, including strings", async () => {
      const found = await compareValues(await subject.source(), await subject.archive());
      expect(found.arrays.length).toBeGreaterThan(3);
      expect(found).toMatchObject({ missing: [], added: [], differentValues: [], zarrFormats: [3] });
    });

    test("reads the same attributes of every node, except those that the upgrade changes", async () => {
      const found = await compareValues(await subject.source(), await subject.archive());
      const ofOme = (path: string): boolean => path === "" || /^labels(\/[^/]+)?$/.test(path);
      expect(found.differentAttributes).toEqual(subject.upgraded ? found.groups.filter(ofOme) : []);
    });
  });
});
