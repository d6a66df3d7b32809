import { expect, test } from "vitest";
import { archiveNames } from "../support/own-reader.js";
import { run, runOzx } from "../support/run.js";
import { describeSubjects } from "../support/subjects.js";
import { describeWithTools } from "../support/tools.js";
import { temporaryFolder, treeOf } from "../support/trees.js";

describeWithTools("Info-ZIP unzip", ["unzip"], () => {
  describeSubjects((subject) => {
    test("finds no error", async () => {
      const output = await run("unzip", ["-t", await subject.archive()]);
      expect(output).toContain("No errors detected in compressed data");
    });

    test("lists the same names", async () => {
      const archive = await subject.archive();
      const names = (await run("unzip", ["-Z1", archive])).trimEnd().split("\n");
      expect(names[0]).toBe("zarr.json");
      expect(names.sort()).toEqual(await archiveNames(archive));
    });
  });
});

describeWithTools("bsdtar", ["bsdtar"], () => {
  describeSubjects((subject) => {
    test("lists the same names", async () => {
      const archive = await subject.archive();
      const names = (await run("bsdtar", ["-tf", archive])).trimEnd().split("\n");
      expect(names.sort()).toEqual(await archiveNames(archive));
    });

    test("extracts the same bytes as ozx, and for 0.5 the packed bytes", async () => {
      const [theirs, temporary] = [await temporaryFolder(), await temporaryFolder()];
      const ours = `${temporary}/unpacked.zarr`;
      const archive = await subject.archive();
      await run("bsdtar", ["-xf", archive, "-C", theirs]);
      await runOzx("convert", archive, ours);
      expect(await treeOf(theirs)).toEqual(await treeOf(ours));
      if (!subject.upgraded) expect(await treeOf(theirs)).toEqual(await treeOf(await subject.source()));
    });
  });
});

describeWithTools("7-Zip", ["7z"], () => {
  describeSubjects((subject) => {
    test("finds no error and prints no warning", async () => {
      const output = await run("7z", ["t", "-bd", await subject.archive()]);
      expect(output).toContain("Everything is Ok");
      expect(output).not.toMatch(/warning/i);
    });
  });
});
