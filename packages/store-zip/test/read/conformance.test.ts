import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath, ByteSource } from "@ozx/core";
import { blobSource, memorySource } from "@ozx/core/container";
import { openFileSource } from "@ozx/core/node";
import { describeStore, outsideSample, skipFor } from "@ozx/testing";
import { deflateSync } from "fflate";
import { afterAll } from "vitest";
import { openOzx } from "../../src/index.js";
import { buildZip, type OddEntry } from "../fixtures/build-zip.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { writeZip } from "../fixtures/write-zip.js";

type Entries = ReadonlyMap<AbsolutePath, Uint8Array>;

function oddZip(entries: Entries, how: (data: Uint8Array) => Partial<OddEntry>, folder = ""): Uint8Array {
  return buildZip({
    entries: [...entries].map(([key, data]) => ({ name: folder + key.slice(1), data, ...how(data) })),
  });
}

const deflated = (data: Uint8Array): Partial<OddEntry> => ({ deflate: true, packed: deflateSync(data) });

const archives: Record<string, (entries: Entries) => Uint8Array | Promise<Uint8Array>> = {
  "an archive that we wrote": (entries) => writeZip(entries),
  "stored entries with data descriptors": (entries) => oddZip(entries, () => ({ descriptor: "signed" })),
  "deflated entries": (entries) => oddZip(entries, deflated),
};

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const sources: Record<string, (bytes: Uint8Array) => ByteSource | Promise<ByteSource>> = {
  memory: (bytes) => memorySource(bytes),
  "a Blob": (bytes) => blobSource(new Blob([bytes.slice()]), "archive.ozx"),
  "a file": async (bytes) => openFileSource(await fileOf(bytes)),
  "a file that is read by blocking calls": async (bytes) =>
    openFileSource(await fileOf(bytes), { blocking: true }),
};

async function fileOf(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ozx-zip-"));
  folders.push(folder);
  await writeFile(join(folder, "archive.ozx"), bytes);
  return join(folder, "archive.ozx");
}

/** Deflating takes longer than the tests do, so it is done once for all sources. */
function once(build: (entries: Entries) => Uint8Array | Promise<Uint8Array>) {
  let built: Promise<Uint8Array> | undefined;
  return (entries: Entries): Promise<Uint8Array> => {
    built ??= Promise.resolve(build(entries));
    return built;
  };
}

for (const [what, buildAnew] of Object.entries(archives)) {
  const build = once(buildAnew);
  for (const [where, open] of Object.entries(sources)) {
    // Our own archives are read of every source, the others of memory; all of all in a full run.
    const isInSample = buildAnew === archives["an archive that we wrote"] || open === sources["memory"];
    describeStore(
      `ZipStore over ${what}, in ${where},`,
      async (entries) => openZipStore(await open(await build(entries))),
      isInSample ? {} : skipFor(outsideSample()),
    );
  }
}

describeStore("ZipStore over deflated entries with bare data descriptors", async (entries) =>
  openZipStore(memorySource(oddZip(entries, (data) => ({ ...deflated(data), descriptor: "bare" })))),
);

describeStore("ZipStore over a root in a sub-folder", async (entries) =>
  openOzx(memorySource(oddZip(entries, () => ({}), "some/image.zarr/"))),
);
