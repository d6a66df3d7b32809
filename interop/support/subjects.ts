import { existsSync } from "node:fs";
import { describeWithSharedData } from "@ozx/testing";
import { describe } from "vitest";
import { inInterop, makeSample, runOzx } from "./run.js";

/** An image as a folder, and the archive that ozx packs of it. Both are made when they are first asked for. */
export interface Subject {
  readonly name: string;
  /** OME-Zarr 0.4 is Zarr v2, and becomes 0.5 and v3 in the archive. */
  readonly upgraded: boolean;
  source(): Promise<string>;
  archive(): Promise<string>;
}

/** Where what the tests make is kept; `global-setup.ts` empties it before each run. */
export const workFolder = inInterop(".cache/work");

// Extents that chunks do not divide, so that there are chunks at the edge.
export const SAMPLE_SIZE = ["--size", "3,2,300,260", "--chunk", "128"];

/** Every way to keep pixels that the upgrade maps in a way of its own, and shards. */
export const samples = {
  zstd: sample("OME-Zarr 0.5, zstd", "zstd", ["--version", "0.5", "--codec", "zstd"]),
  sharded: sample("OME-Zarr 0.5, sharded", "sharded", ["--version", "0.5", "--shards"]),
  blosc: sample("OME-Zarr 0.4, blosc", "blosc", ["--version", "0.4", "--codec", "blosc"]),
  fortran: sample("OME-Zarr 0.4, gzip, Fortran order, big-endian", "fortran", [
    ...["--version", "0.4", "--codec", "gzip", "--order", "F", "--byte-order", "big", "--separator", "."],
  ]),
};

/** Shards that ozx makes of chunks as they are, with a codec that only the inner chunks know. */
const resharded: Subject = {
  ...samples.fortran,
  name: `${samples.fortran.name}, packed with --shard auto`,
  archive: packed("resharded", samples.fortran.source, "--shard", "auto"),
};

/** Entries whose sizes nobody knew before they were written, in other codecs and in other shards. */
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

/** The tests for every sample, and for the real image where it is at hand. */
export function describeSubjects(tests: (subject: Subject) => void): void {
  for (const subject of [...Object.values(samples), resharded, recoded, recodedShards])
    describe(subject.name, () => tests(subject));
  describeWithSharedData("real microscopy, OME-Zarr 0.4", "cardiomyocyte-v04.zarr", (path) => {
    const archive = packed("cardiomyocyte", async () => path);
    tests({ name: "cardiomyocyte", upgraded: true, source: async () => path, archive });
  });
}

function sample(name: string, file: string, args: readonly string[]): Subject {
  const source = once(`${file}.zarr`, (folder) => makeSample(folder, [...SAMPLE_SIZE, ...args]));
  return { name, upgraded: args.includes("0.4"), source, archive: packed(file, source) };
}

function packed(file: string, source: () => Promise<string>, ...options: string[]): () => Promise<string> {
  return once(`${file}.ozx`, async (archive) => runOzx("convert", await source(), archive, ...options));
}

/** Test files run one after the other, so that what is there was finished by the one that began it. */
function once(name: string, make: (path: string) => Promise<unknown>): () => Promise<string> {
  const path = `${workFolder}/${name}`;
  return async () => {
    if (!existsSync(path)) await make(path);
    return path;
  };
}
