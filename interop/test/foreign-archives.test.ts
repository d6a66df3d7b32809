import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compareValues } from "../support/compare-values.js";
import { foreignPackers, rustPacker } from "../support/foreign.js";
import { archiveNames } from "../support/own-reader.js";
import { makeSample, python, run, runOzx, runPython } from "../support/run.js";
import { SAMPLE_SIZE, type Subject, samples } from "../support/subjects.js";
import { describeWithTools } from "../support/tools.js";
import { temporaryFolder } from "../support/trees.js";

const cases: [Subject, typeof foreignPackers][] = [
  [samples.zstd, [...foreignPackers, rustPacker]],
  [samples.fortran, foreignPackers],
];

for (const [subject, packers] of cases) {
  for (const { name, tools, pack } of packers) {
    describeWithTools(`${subject.name}, packed by ${name}`, [...tools, python], () => {
      test("becomes a conforming .ozx with the same values", async () => {
        const folder = await temporaryFolder();
        const [foreign, ours] = [`${folder}/foreign.zip`, `${folder}/ours.ozx`];
        await pack(await subject.source(), foreign);
        await runOzx("convert", foreign, ours);

        expect(await runPython("check_zip64.py", ours)).toBe((await archiveNames(ours)).length);
        expect(await runPython("check_zipfile.py", ours)).toMatchObject({
          firstBadEntry: null,
          notStored: [],
        });
        const found = await compareValues(await subject.source(), ours);
        expect(found.arrays.length).toBeGreaterThan(3);
        expect(found).toMatchObject({ missing: [], added: [], differentValues: [] });

        const direct = await readFile(await subject.archive());
        expect(direct.equals(await readFile(ours)), "the same bytes as packing the folder").toBe(true);
      });
    });
  }
}

describeWithTools("the checks themselves", ["zip", python], () => {
  test("detect an archive without ZIP64, and other values", async () => {
    const folder = await temporaryFolder();
    const [plain, other] = [`${folder}/plain.zip`, `${folder}/other.zarr`];
    await run("zip", ["-0", "-q", "-r", "-D", plain, "."], await samples.zstd.source());
    await expect(runPython("check_zip64.py", plain)).rejects.toThrow("local header at 0 needs version");

    await makeSample(other, [...SAMPLE_SIZE, "--seed", "2"]);
    const { arrays, differentValues } = await compareValues(other, await samples.zstd.archive());
    expect(differentValues).toEqual(arrays);
  });
});
