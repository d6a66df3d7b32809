import { join } from "node:path";
import { describeWithSharedData } from "@ozx/testing";
import { expect, test } from "vitest";
import { errorsOf, readAll } from "../fixtures/read-all.js";
import { isSparse, openCorpusArchive, readManifest, readSparse } from "./manifest.js";

/** Archives of real writers around 4 GiB, read to their last byte, CRC checked. */
describeWithSharedData("ZIP64 archives of real writers", "zips", (folder) => {
  for (const { file } of readManifest(folder).filter(isSparse)) {
    test(file, { timeout: 60_000 }, async () => {
      const path = join(folder, file);
      const outcome = await readAll(openCorpusArchive(path), { hash: false });
      expect(errorsOf(outcome).map(String)).toEqual([]);
      expect(outcome.entries.map(({ key, size }) => [key, size])).toEqual(
        readSparse(path).entries.map(({ name, size }) => [`/${name}`, size]),
      );
    });
  }
});
