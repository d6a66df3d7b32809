import { rm, writeFile } from "node:fs/promises";
import { testSample } from "@ozx/testing";
import { expect } from "vitest";
import { inInterop, makeSample, python, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** What zarr-python and numpy must find in an array of the output. */
interface Check {
  readonly path: string;
  readonly slices: readonly (readonly [number | null, number | null])[];
  readonly project?: readonly [axis: number, method: string];
  readonly window?: readonly [number, number];
}

const ALL = [null, null] as const;
const LABELS = "labels/cells/0";

/** An image of c, z, y, x with two levels, and what is done with it. */
const CUTS: readonly [options: readonly string[], checks: readonly Check[]][] = [
  [
    ["--chunks", "z=3,y=40,x=64"],
    ["0", "1", LABELS].map((path) => ({
      path,
      slices: path === LABELS ? [ALL, ALL, ALL] : [ALL, ALL, ALL, ALL],
    })),
  ],
  [
    ["--c", "1", "--z", "1:4", "--y", "10:62", "--x", "34:"],
    [
      {
        path: "0",
        slices: [
          [1, 2],
          [1, 4],
          [10, 62],
          [34, null],
        ],
      },
      {
        path: "1",
        slices: [
          [1, 2],
          [1, 4],
          [5, 31],
          [17, null],
        ],
      },
      {
        path: LABELS,
        slices: [
          [1, 4],
          [10, 62],
          [34, null],
        ],
      },
    ],
  ],
  [
    ["--project", "z=max", "--y", "7:"],
    [
      { path: "0", slices: [ALL, ALL, [7, null], ALL], project: [1, "max"] },
      { path: LABELS, slices: [ALL, [7, null], ALL], project: [0, "max"] },
    ],
  ],
  [["--project", "z=mean"], [{ path: "0", slices: [ALL, ALL, ALL, ALL], project: [1, "mean"] }]],
  [["--project", "z=sum"], [{ path: "0", slices: [ALL, ALL, ALL, ALL], project: [1, "sum"] }]],
  [
    ["--dtype", "uint8", "--window", "20:90", "--chunks", "y=30"],
    [{ path: "1", slices: [ALL, ALL, ALL, ALL], window: [20, 90] }],
  ],
];

const STORAGE: readonly (readonly string[])[] = [
  [],
  ["--shards"],
  ["--version", "0.4", "--order", "F", "--codec", "blosc"],
  ["--byte-order", "big", "--codec", "none"],
];
const TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"];

/** Each cut of each type; each storage meets all cuts and all types in turn. */
const CASES = TYPES.flatMap((dtype, t) =>
  CUTS.map((cut, k) => {
    const storage = STORAGE[(t + k) % STORAGE.length] ?? [];
    const name = `${cut[0].join(" ")}: ${dtype} ${storage.join(" ")}`;
    return { cut, name, storage, dtype, id: `${t}-${k}` };
  }),
);

describeWithTools("zarr-python and numpy", [python], () => {
  testSample(CASES, 6)("$name", async ({ cut: [options, checks], storage, dtype, id }) => {
    const [source, out, list] = [".zarr", ".ozx", ".json"].map((end) =>
      inInterop(`.cache/work/recut-${id}${end}`),
    );
    await rm(String(source), { recursive: true, force: true });
    const size = ["--size", "2,5,70,90", "--levels", "2", "--chunk", "32"];
    await makeSample(String(source), [...size, "--dtype", dtype, ...storage]);
    await runOzx("convert", "--quiet", "--force", "--verify", String(source), String(out), ...options);
    await writeFile(String(list), JSON.stringify(checks));
    expect(await runPython("recut.py", String(source), String(out), String(list))).toEqual([]);
    await runOzx("validate", "--quiet", String(out));
  });

  const methods = ["max", "mean", "sum", "min"];
  const typed = ["int64", "uint64", "bool", "float16"].flatMap((dtype) =>
    methods.map((by) => [by, dtype] as const),
  );
  testSample(typed, 4)("--project z=%s of %s", async ([method, dtype]) => {
    const [source, out, list] = [".zarr", ".ozx", ".json"].map((end) =>
      inInterop(`.cache/work/project-${dtype}-${method}${end}`),
    );
    await runPython("make_typed.py", String(source), dtype);
    await runOzx("convert", "--quiet", "--force", String(source), String(out), "--project", `z=${method}`);
    const check: Check = { path: "0", slices: [ALL, ALL, ALL], project: [0, method] };
    await writeFile(String(list), JSON.stringify([check]));
    expect(await runPython("recut.py", String(source), String(out), String(list))).toEqual([]);
    await runOzx("validate", "--quiet", String(out));
  });
});
