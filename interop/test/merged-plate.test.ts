import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { inInterop, makeSample, python, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

interface Read {
  readonly ome: string;
  readonly arrays: { readonly [path: string]: unknown };
}

const at = (name: string): string => inInterop(`.cache/work/merged/${name}`);
const ARRAYS = ["0", "1", "labels/cells/0"];
const FIELDS = { "B/03/0": "zstd", "B/04/0": "blosc", "C/03/1": "none" } as const;

describeWithTools("zarr-python reads a merged plate", [python], () => {
  test("with the pixels of each field, whatever its codec, also of one that was appended", async () => {
    await rm(at(""), { recursive: true, force: true });
    const inputs: string[] = [];
    for (const [path, codec] of Object.entries(FIELDS)) {
      await makeSample(at(`${path}.zarr`), ["--size", "1,2,70,90", "--chunk", "32", "--codec", codec]);
      await runOzx("convert", at(`${path}.zarr`), at(`${path}.ozx`));
      inputs.push(at(`${path}.ozx`));
    }
    // The last one is added in place.
    await runOzx("merge", ...inputs.slice(0, -1), at("plate.ozx"));
    await runOzx("append", at("plate.ozx"), ...inputs.slice(-1), "--well", "C/03/1");
    const paths = Object.keys(FIELDS).flatMap((path) => ARRAYS.map((name) => `${path}/${name}`));
    const plate = (await runPython("read_created.py", at("plate.ozx"), ...paths)) as Read;
    expect(plate.ome).toBe("0.5");
    for (const path of Object.keys(FIELDS)) {
      const field = (await runPython("read_created.py", at(`${path}.ozx`), ...ARRAYS)) as Read;
      for (const name of ARRAYS) {
        expect(plate.arrays[`${path}/${name}`], `${path}/${name}`).toEqual(field.arrays[name]);
      }
    }
  }, 60_000);
});
