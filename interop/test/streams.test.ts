import { copyFile } from "node:fs/promises";
import { describeWithSharedData, sharedPath } from "@ozx/testing";
import { expect, test } from "vitest";
import { addLabels } from "../../packages/cli/src/index.js";
import { inInterop, python, run, runFromPipe, runOzx } from "../support/run.js";
import { samples, workFolder } from "../support/subjects.js";
import { describeWithTools } from "../support/tools.js";
import { temporaryFolder, treeOf } from "../support/trees.js";

/** The SHA-256 of the value of each entry by its name; of entries of one name, that of the last. */
type Entries = ReadonlyMap<string, string>;

/** Programs that read an archive from its start, and do not know its central directory. */
const STREAM_READERS: readonly {
  readonly name: string;
  readonly tools: readonly string[];
  read(archive: string): Promise<Entries>;
}[] = [
  {
    name: "Java's ZipInputStream",
    tools: ["java", "javac"],
    async read(archive) {
      const lines = await runFromPipe(archive, "java", [inInterop("java/StreamEntries.java")]);
      return new Map(
        lines
          .trimEnd()
          .split("\n")
          .map((line) => [line.slice(65), line.slice(0, 64)]),
      );
    },
  },
  {
    name: "stream-unzip of Python",
    tools: [python],
    async read(archive) {
      const found = await runFromPipe(archive, python, [inInterop("python/stream_entries.py")]);
      return new Map(JSON.parse(found) as [string, string][]);
    },
  },
  {
    name: "bsdtar on a pipe",
    tools: ["bsdtar"],
    async read(archive) {
      const folder = await temporaryFolder();
      await runFromPipe(archive, "bsdtar", ["-xf", "-", "-C", folder]);
      return treeOf(folder);
    },
  },
];

async function addTo(archive: string, name: string): Promise<void> {
  const labels = await addLabels(archive, name, { dtype: "uint32" });
  const pixels = labels.shape.reduce((product, extent) => product * extent, 1);
  await labels.write(
    {},
    new Uint32Array(pixels).map((_, at) => at % 97),
  );
  await labels.close();
}

/** An archive, made on first use, and what is unpacked of it. */
interface Subject {
  readonly path: string;
  readonly entries: Entries;
}

function subject(file: string, make: (path: string) => Promise<unknown>): () => Promise<Subject> {
  let made: Promise<Subject> | undefined;
  const path = `${workFolder}/${file}`;
  return () => {
    made ??= make(path).then(async () => {
      await runOzx("convert", path, `${path}.zarr`);
      return { path, entries: await treeOf(`${path}.zarr`) };
    });
    return made;
  };
}

const packed = subject("stream.ozx", async (path) => copyFile(await samples.zstd.archive(), path));

const added = subject("stream-labels.ozx", async (path) => {
  await copyFile((await packed()).path, path);
  for (const name of ["one", "two"]) await addTo(path, name);
});

const rewritten = subject("stream-rewritten.ozx", async (path) => {
  await copyFile((await added()).path, path);
  await runOzx("fix", "--force", path);
});

const repaired = subject("stream-repaired.ozx", async (path) => {
  const pack = inInterop("python/pack_zipfile.py");
  await run(python, [pack, await samples.zstd.source(), path, "stored"]);
  await runOzx("fix", "--tail-only", path);
  await addTo(path, "one");
  await runOzx("fix", "--tail-only", path);
});

/** The shared data that has an old directory in its middle. */
const OLD = "cases/labels-added-in-place.ozx";

const ARCHIVES = [
  ["an .ozx that was packed", packed],
  ["an .ozx to which label images were added", added],
  ["an .ozx that was written again after label images were added", rewritten],
  ["an archive of Python's zipfile that was repaired in place, and to which labels were added", repaired],
] as const;

const old = subject("stream-old.ozx", async (path) => {
  await copyFile(sharedPath(OLD), path);
  await runOzx("fix", "--force", path);
});

for (const { name, tools, read } of STREAM_READERS) {
  describeWithTools(name, [...tools, python], () => {
    test.each(ARCHIVES)("finds every entry of %s", async (_, make) => {
      const { path, entries } = await make();
      expect(new Map([...(await read(path))].sort())).toEqual(new Map([...entries].sort()));
    });

    describeWithSharedData("an .ozx of ozx 0.1", OLD, (path) => {
      test("ends at the old directory in its middle, and finds every entry after fix --force", async () => {
        const { path: fixed, entries } = await old();
        expect((await read(path)).size).toBeLessThan(entries.size);
        expect((await read(fixed)).size).toBe(entries.size);
      });
    });
  });
}
