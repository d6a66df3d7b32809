import { expect, test } from "vitest";
import { archiveNames } from "../support/own-reader.js";
import { python, runPython } from "../support/run.js";
import { describeSubjects } from "../support/subjects.js";
import { describeWithTools } from "../support/tools.js";

describeWithTools("Python's zipfile", [python], () => {
  describeSubjects((subject) => {
    test("reads every entry, stored, and the comment as strict JSON", async () => {
      const archive = await subject.archive();
      const found = (await runPython("check_zipfile.py", archive)) as { names: string[] };
      expect(found).toEqual({
        firstBadEntry: null,
        comment: { ome: { version: "0.5", zipFile: { centralDirectory: { jsonFirst: true } } } },
        names: expect.any(Array),
        notStored: [],
        dates: [[1980, 1, 1, 0, 0, 0]],
      });
      expect(found.names[0]).toBe("zarr.json");
      expect(found.names.toSorted()).toEqual(await archiveNames(archive));
    });

    test("zarr.json files come first and breadth-first", async () => {
      const { names } = (await runPython("check_zipfile.py", await subject.archive())) as { names: string[] };
      const documents = names.filter((name) => name === "zarr.json" || name.endsWith("/zarr.json"));
      expect(names.slice(0, documents.length)).toEqual(documents);
      const depths = documents.map((name) => name.split("/").length);
      expect(depths).toEqual(depths.toSorted((a, b) => a - b));
    });

    test("every record is ZIP64, as read by a parser written from the specification alone", async () => {
      const archive = await subject.archive();
      const entries = await runPython("check_zip64.py", archive);
      expect(entries).toBe((await archiveNames(archive)).length);
    });
  });
});
