import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { describeWithSharedData } from "@ozx/testing";
import { describe } from "vitest";
import { inInterop, makeSample, runOzx } from "./run.js";

/** An image as a folder, and the archive that ozx packs from it. Both are created on first use. */
export interface Subject {
  readonly name: string;
  /** OME-Zarr 0.4 is Zarr v2, and becomes 0.5 and v3 in the archive. */
  readonly upgraded: boolean;
  source(): Promise<string>;
  archive(): Promise<string>;
}

/** The folder for the files of the tests; `global-setup.ts` empties it before each run. */
export const workFolder = inInterop(".cache/work");

/** Extents that are no multiple of the chunks, so that there are partial chunks at the edges. */
export const SAMPLE_SIZE = ["--size", "3,2,300,260", "--chunk", "128"];

/** One sample for each kind of array that the upgrade handles differently, and shards. */
export const samples = {
  zstd: sample("OME-Zarr 0.5, zstd", "zstd", ["--version", "0.5", "--codec", "zstd"]),
  sharded: sample("OME-Zarr 0.5, sharded", "sharded", ["--version", "0.5", "--shards"]),
  blosc: sample("OME-Zarr 0.4, blosc", "blosc", ["--version", "0.4", "--codec", "blosc"]),
  fortran: sample("OME-Zarr 0.4, gzip, Fortran order, big-endian", "fortran", [
    ...["--version", "0.4", "--codec", "gzip", "--order", "F", "--byte-order", "big", "--separator", "."],
  ]),
};

/** Existing chunks combined into shards, with a codec of the inner chunks only. */
const resharded: Subject = {
  ...samples.fortran,
  name: `${samples.fortran.name}, packed with --shard auto`,
  archive: packed("resharded", samples.fortran.source, "--shard", "auto"),
};

/** Entries in another codec and in other shards, whose sizes are not known before they are written. */
const recoded: Subject = {
  ...samples.fortran,
  name: `${samples.fortran.name}, packed with --codec zstd`,
  archive: packed("recoded", samples.fortran.source, "--codec", "zstd"),
};
const recodedShards: Subject = {
  ...samples.fortran,
  name: `${samples.fortran.name}, packed with --codec blosc --shard auto`,
  archive: packed("recoded-shards", samples.fortran.source, "--codec", "blosc", "--shard", "auto"),
};

/** Runs the tests for every sample, and for a real image where the shared data is available. */
export function describeSubjects(tests: (subject: Subject) => void): void {
  for (const subject of [...Object.values(samples), resharded, recoded, recodedShards])
    describe(subject.name, () => tests(subject));
  describeWithSharedData("real microscopy, OME-Zarr 0.4", "cardiomyocyte-v04.zarr", (path) => {
    const archive = packed("cardiomyocyte", async () => path);
    tests({ name: "cardiomyocyte", upgraded: true, source: async () => path, archive });
  });
}

function sample(name: string, file: string, args: readonly string[]): Subject {
  const source = createOnce(`${file}.zarr`, (folder) => makeSample(folder, [...SAMPLE_SIZE, ...args]));
  return { name, upgraded: args.includes("0.4"), source, archive: packed(file, source) };
}

function packed(file: string, source: () => Promise<string>, ...options: string[]): () => Promise<string> {
  return createOnce(`${file}.ozx`, async (archive) => runOzx("convert", await source(), archive, ...options));
}

/**
 * Creates a file or folder on first use. Test files that run at the same time may create it twice, each in a folder of
 * its own: what has its name is complete.
 */
function createOnce(name: string, create: (path: string) => Promise<unknown>): () => Promise<string> {
  const path = `${workFolder}/${name}`;
  return async () => {
    if (existsSync(path)) return path;
    const own = await mkdtemp(`${workFolder}/creating-`);
    await create(`${own}/${name}`);
    await rename(`${own}/${name}`, path).catch((error: unknown) => {
      if (!existsSync(path)) throw error;
    });
    await rm(own, { recursive: true, force: true });
    return path;
  };
}
