import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { parseCodecRequest, planTransfer, runTransfer } from "@ozx/convert";
import { type Destination, destinationFor } from "@ozx/convert/node";
import type { Progress } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { ozxFormat } from "@ozx/store-zip/node";
import { describeSample, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";

const BIN = fileURLToPath(new URL("../bin/ozx.js", import.meta.url));
const temp = tempFolder();
const CHUNK = "0/c/0/0/0/0";

interface Conversion {
  readonly input: string;
  readonly output: string;
  readonly codec?: string | undefined;
  readonly resume?: boolean;
}

beforeAll(async () => {
  const size = { c: 1, z: 4, y: 512, x: 512 };
  await writeSampleFolder(temp.path("cells.zarr"), { size, chunk: 128, codec: "none" });
  await convertWhile(() => {}, { input: "cells.zarr", output: "cells.ozx" });
});

beforeEach(() => {
  for (const name of readdirSync(temp.path())) {
    if (name.startsWith("image") || name.startsWith("out") || name.startsWith(".")) {
      rmSync(temp.path(name), { recursive: true });
    }
  }
  cpSync(temp.path("cells.zarr"), temp.path("image.zarr"), { recursive: true });
  copyFileSync(temp.path("cells.ozx"), temp.path("image.ozx"));
});

/** Other bytes, as many as before. */
function inverted(path: string): Uint8Array {
  return readFileSync(path).map((byte) => byte ^ 0xff);
}

/** The ways in which a file is replaced by one of the same size. */
const REPLACEMENTS: Readonly<Record<string, (path: string) => void>> = {
  "written to": (path) => writeFileSync(path, inverted(path)),
  "written to, with its time set back": (path) => {
    const { atime, mtime } = statSync(path);
    writeFileSync(path, inverted(path));
    utimesSync(path, atime, mtime);
  },
  "replaced by another file": (path) => {
    writeFileSync(temp.path("other"), inverted(path));
    renameSync(temp.path("other"), path);
  },
  "replaced by a file of the same time": (path) => {
    const { atime, mtime } = statSync(path);
    writeFileSync(temp.path("other"), inverted(path));
    utimesSync(temp.path("other"), atime, mtime);
    renameSync(temp.path("other"), path);
  },
};

/** Converts, and changes the input when something was written, or, of a small input, before that. */
async function convertWhile(
  change: () => void,
  { input, output, codec, resume }: Conversion,
): Promise<unknown> {
  const source = await openPath(temp.path(input), {
    formats: [ozxFormat],
    wholeIndex: true,
    shareIndex: true,
  });
  try {
    const destination: Destination = await destinationFor(temp.path(output), {
      formats: [ozxFormat],
      resume,
    });
    const recompressed = codec === undefined ? undefined : parseCodecRequest(codec);
    const plan = await planTransfer(source, destination, { codec: recompressed });
    let isChanged = false;
    const onProgress = (_: Progress): void => {
      if (!isChanged) change();
      isChanged = true;
    };
    return await runTransfer(plan, await destination.open(), { onProgress }).then(
      () => undefined,
      (error: unknown) => error,
    );
  } finally {
    await source.close();
  }
}

const left = (): string[] => readdirSync(temp.path()).filter((name) => /^\.|^out/.test(name));

describeSample(Object.entries(REPLACEMENTS), 2)(
  "an input of which a file is %s while it is packed",
  ([, replace]) => {
    test("is not taken for what it was", async () => {
      const change = (): void => replace(temp.path("image.zarr", CHUNK));
      const error = await convertWhile(change, { input: "image.zarr", output: "out.ozx" });
      expect(error).toMatchObject({ _tag: "SourceChanged", path: `/${CHUNK}` });
      expect(left()).toEqual([]);
    });

    test("is seen where the input is an archive", async () => {
      const path = temp.path("image.ozx");
      const error = await convertWhile(() => replace(path), { input: "image.ozx", output: "out.zarr" });
      expect(error).toMatchObject({ _tag: "SourceChanged", location: path });
      expect(left()).toEqual([]);
    });
  },
);

describe("an input that changes", () => {
  const written = REPLACEMENTS["written to"] as (path: string) => void;

  test.each([
    { output: "out.zarr", codec: undefined, changed: CHUNK },
    { output: "out.ozx", codec: "zstd:3", changed: CHUNK },
    { output: "out.ozx", codec: undefined, changed: "zarr.json" },
  ])("is not written as %j", async ({ output, codec, changed }) => {
    const change = (): void => written(temp.path("image.zarr", changed));
    const error = await convertWhile(change, { input: "image.zarr", output, codec });
    expect(error).toMatchObject({ _tag: "SourceChanged", path: `/${changed}` });
    expect(left()).toEqual([]);
  });

  test.each(["out.ozx", "out.zarr"])(
    "leaves nothing of %s to be resumed, which would be of two images",
    async (output) => {
      const change = (): void => written(temp.path("image.zarr", CHUNK));
      const error = await convertWhile(change, { input: "image.zarr", output, resume: true });
      expect(error).toMatchObject({ _tag: "SourceChanged" });
      expect(left()).toEqual([]);
    },
  );
});

test("an input of which a file is removed while it is packed has changed", async () => {
  const remove = (): void => rmSync(temp.path("image.zarr/zarr.json"));
  expect(await convertWhile(remove, { input: "image.zarr", output: "out.ozx" })).toMatchObject({
    _tag: "SourceChanged",
    path: "/zarr.json",
  });
});

test("an input that stays as it was is packed, whatever is written beside it", async () => {
  const write = (): void => writeFileSync(temp.path("image.zarr/notes.txt"), "not of this image");
  expect(await convertWhile(write, { input: "image.zarr", output: "out.ozx" })).toBe(undefined);
  expect(left()).toEqual(["out.ozx"]);
});

test.each(["image.zarr", "image.ozx"])(
  "ozx convert %s - exits with 75 and ends no archive",
  async (input) => {
    const child = spawn(process.execPath, [BIN, "convert", temp.path(input), "-"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Nothing more is read until then, so it waits: the image is larger than what a pipe holds.
    const [first] = (await once(child.stdout, "readable").then(() => [child.stdout.read(1)])) as [Buffer];
    const changed = input === "image.ozx" ? temp.path(input) : temp.path(input, CHUNK);
    REPLACEMENTS["replaced by a file of the same time"]?.(changed);
    const pieces = [first];
    child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    let message = "";
    child.stderr.on("data", (text) => {
      message += text;
    });
    expect(await once(child, "close").then(([code]) => [code, message])).toEqual([
      75,
      expect.stringMatching(/changed/),
    ]);
    expect(Buffer.concat(pieces).includes("PK\x05\x06")).toBe(false);
  },
);
