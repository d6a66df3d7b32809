import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { planTransfer, runTransfer, selectView } from "@ozx/convert";
import { createFileSink, directoryTarget } from "@ozx/convert/node";
import { type Store, UsageError } from "@ozx/core";
import type { StoreTarget } from "@ozx/core/container";
import { storeAt } from "@ozx/core/internal";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { openFileSource } from "@ozx/core/node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openOzx, ozxFormat } from "../../src/index.js";

const PLANES = 6;
const SHAPE = [1, 1, 1024, 1024];

const folder = mkdtempSync(join(tmpdir(), "ozx-resume-part-"));
const image = (name: string): string => join(folder, name);
const out = join(folder, "out");

const GROUP = { zarr_format: 3, node_type: "group" };
const ARRAY = {
  zarr_format: 3,
  node_type: "array",
  shape: [2, PLANES, 1024, 1024],
  data_type: "uint8",
  chunk_grid: { name: "regular", configuration: { chunk_shape: SHAPE } },
  chunk_key_encoding: { name: "default" },
  codecs: [{ name: "bytes" }],
  fill_value: 0,
};
const OME = {
  version: "0.5",
  multiscales: [
    {
      axes: ["c", "z", "y", "x"].map((name) => ({ name, type: name === "c" ? "channel" : "space" })),
      datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1, 1, 1] }] }],
    },
  ],
};

/** Two images of two channels, whose chunks all have one size, each file from 1980, as `unzip` leaves those of an `.ozx`. */
function writeImages(name: string): void {
  const write = (path: string, content: object): void => {
    const file = join(image(name), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content instanceof Uint8Array ? content : JSON.stringify(content));
    utimesSync(file, 315_532_800, 315_532_800);
  };
  write("zarr.json", { ...GROUP, attributes: { ome: { version: "0.5", "bioformats2raw.layout": 3 } } });
  for (const path of ["0", "1"]) {
    write(`${path}/zarr.json`, { ...GROUP, attributes: { ome: OME } });
    write(`${path}/0/zarr.json`, ARRAY);
    for (let at = 0; at < 2 * PLANES; at++) {
      write(
        `${path}/0/c/${Math.floor(at / PLANES)}/${at % PLANES}/0/0`,
        new Uint8Array(1024 * 1024).fill(at),
      );
    }
  }
}

beforeAll(async () => {
  writeImages("images.zarr");
  writeImages("others.zarr");
  const plan = await planTransfer(openDirectoryStore(image("images.zarr")), {});
  await runTransfer(plan, ozxFormat.target(await createFileSink(image("images.ozx"))));
});

beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Part {
  readonly name: string;
  readonly path?: string;
  readonly channel?: number;
}

async function open(name: string): Promise<Store> {
  return name.endsWith(".ozx") ? openOzx(await openFileSource(image(name))) : openDirectoryStore(image(name));
}

/** Writes a channel of an image, or so many entries of it. */
async function write(
  { name, path = "0", channel = 0 }: Part,
  target: StoreTarget,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  const source = await open(name);
  const ranges = { c: { start: channel, stop: channel + 1 } };
  const plan = await planTransfer(await selectView(await storeAt(source, path), { ranges }), {});
  const onProgress = ({ entries }: { entries: number }): void => {
    if (entries > most) throw new Error("the lights went out");
  };
  await runTransfer(plan, target, { onProgress, workers: 1 }).finally(() => source.close());
}

describe.each([
  ["an archive", async () => ozxFormat.target(await createFileSink(join(out, "a.ozx"), { resume: true }))],
  ["a folder", async () => directoryTarget(join(out, "a.zarr"), { resume: true })],
])("%s that was begun with", (_, target) => {
  test.each<[string, Part, Part]>([
    ["another channel of an archive", { name: "images.ozx" }, { name: "images.ozx", channel: 1 }],
    ["another channel of a folder", { name: "images.zarr" }, { name: "images.zarr", channel: 1 }],
    ["another image of an archive", { name: "images.ozx" }, { name: "images.ozx", path: "1" }],
    ["another image of a folder", { name: "images.zarr" }, { name: "images.zarr", path: "1" }],
    ["another folder", { name: "images.zarr" }, { name: "others.zarr" }],
  ])("%s is not resumed", async (_, first, second) => {
    await expect(write(first, await target(), 6)).rejects.toThrow("the lights went out");
    const left = readdirSync(out);
    expect(left).toHaveLength(2);
    const refused = await write(second, await target()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect(`${refused}`).toContain("another input or another part of it");
    expect(readdirSync(out)).toEqual(left);
    await write(first, await target());
    expect(readdirSync(out)).toHaveLength(1);
  });
});
