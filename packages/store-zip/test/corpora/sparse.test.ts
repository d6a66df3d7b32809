import { join } from "node:path";
import { describeWithSharedData, testSample } from "@ozx/testing";
import { expect } from "vitest";
import { errorsOf, readAll } from "../fixtures/read-all.js";
import { isSparse, openCorpusArchive, readManifest, readSparse } from "./manifest.js";

/** Archives of real writers around 4 GiB, read to their last byte, CRC checked. */
describeWithSharedData("ZIP64 archives of real writers", "zips", (folder) => {
  const files = readManifest(folder)
    .filter(isSparse)
    .map(({ file }) => file);
  testSample(files, 1)("%s", async (file) => {
    const path = join(folder, file);
    const outcome = await readAll(openCorpusArchive(path), { hash: false });
    expect(errorsOf(outcome).map(String)).toEqual([]);
    expect(outcome.entries.map(({ key, size }) => [key, size])).toEqual(
      readSparse(path).entries.map(({ name, size }) => [`/${name}`, size]),
    );
  });
});
