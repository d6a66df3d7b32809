import { parseArgs } from "node:util";
import type { SampleOptions } from "./sample/sample-options.js";
import { writeSampleFolder } from "./sample-image.js";

/** The help of `scripts/make-sample.mjs`. */
export const MAKE_SAMPLE_USAGE = `Usage: make-sample OUT.zarr [options]

  --version 0.4|0.5              OME-Zarr version (0.5)
  --codec none|gzip|zstd|blosc   compression (zstd)
  --dtype uint8|uint16|float32…  data type of the image (uint16)
  --order C|F                    order of elements, 0.4 only (C)
  --byte-order little|big        byte order (little)
  --separator /|.                separator in chunk keys (/)
  --shards                       combine chunks into shards, 0.5 only
  --size C,Z,Y,X                 extents of the largest level (3,4,512,512)
  --levels N                     number of levels (3)
  --chunk N                      largest extent of a chunk in y and x (256)
  --seed N                       other numbers give other cells (1)
`;

/**
 * Writes the sample that the command line arguments describe, and returns its folder.
 *
 * @throws RangeError or TypeError for invalid arguments
 */
export async function makeSample(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      version: { type: "string" },
      codec: { type: "string" },
      dtype: { type: "string" },
      order: { type: "string" },
      "byte-order": { type: "string" },
      separator: { type: "string" },
      shards: { type: "boolean" },
      size: { type: "string" },
      levels: { type: "string" },
      chunk: { type: "string" },
      seed: { type: "string" },
    },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1)
    throw new RangeError("name exactly one folder to write");
  const { size, levels, chunk, seed, "byte-order": endian, shards } = values;
  const [c, z, y, x] = size?.split(",").map(Number) ?? [];
  const options = {
    version: choice("version", values.version, ["0.4", "0.5"]),
    codec: choice("codec", values.codec, ["none", "gzip", "zstd", "blosc"]),
    dtype: values.dtype,
    order: choice("order", values.order, ["C", "F"]),
    byteOrder: endian && (choice("byte-order", endian, ["little", "big"]) === "big" ? ">" : "<"),
    separator: choice("separator", values.separator, ["/", "."]),
    shards,
    size: size === undefined ? undefined : { c, z, y, x },
    levels: levels === undefined ? undefined : Number(levels),
    chunk: chunk === undefined ? undefined : Number(chunk),
    seed: seed === undefined ? undefined : Number(seed),
  };
  const defined = Object.entries(options).filter(([, value]) => value !== undefined);
  await writeSampleFolder(folder, Object.fromEntries(defined) as SampleOptions);
  return folder;
}

function choice<T extends string>(
  name: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  const found = known.find((one) => one === value);
  if (value !== undefined && found === undefined)
    throw new RangeError(`--${name} must be ${known.join(" or ")}`);
  return found;
}
