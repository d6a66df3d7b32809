import { openAsBlob } from "node:fs";
import { readValues } from "@ozx/testing";
import FileSystemStore from "@zarrita/storage/fs";
import ZipFileStore from "@zarrita/storage/zip";
import { expect, test } from "vitest";
import { arrayPaths } from "../support/own-reader.js";
import { describeSubjects } from "../support/subjects.js";

describeSubjects((subject) => {
  test("zarrita's ZipFileStore reads the values that its FileSystemStore reads from the folder", async () => {
    const source = new FileSystemStore(await subject.source());
    const archive = ZipFileStore.fromBlob(await openAsBlob(await subject.archive()));
    const paths = await arrayPaths(await subject.source());
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) {
      const [expected, found] = [await readValues(source, path), await readValues(archive, path)];
      expect(found.shape, path).toEqual(expected.shape);
      const different = found.values.findIndex((value, i) => !Object.is(value, expected.values[i]));
      expect(different, `${path} differs at this value`).toBe(-1);
    }
  });
});
