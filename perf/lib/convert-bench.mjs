import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compare } from "./compare.mjs";
import { describeMachine } from "./machine.mjs";
import { readOptions } from "./options.mjs";
import { OZX, openWorkspace } from "./workspace.mjs";

const PYTHON = fileURLToPath(new URL("../../interop/.venv/bin/python", import.meta.url));

/**
 * Begins a benchmark of what `ozx convert` does besides packing, beside plain packing and zarr-python: reads its
 * options, and says on what machine it runs.
 *
 * @param script its name, as in `shard`
 * @param all what `--scale` takes a part of
 */
export function openConvertBench(script, all) {
  const options = readOptions(
    {
      only: { type: "string" },
      jobs: { type: "string" },
      rounds: { type: "string", default: "3" },
      scale: { type: "string", default: "1" },
      dir: { type: "string" },
    },
    `node perf/${script}.mjs [options]
  --only a,b     only these contenders, besides the baseline
  --jobs N       threads of ozx (as many as there are processors)
  --rounds N     rounds; each contender runs once in each (3)
  --scale X      part of ${all}, as in 0.1 (1)
  --dir PATH     a folder for data and outputs; the data stays there for the next time`,
  );
  const rounds = Number(options.rounds);
  console.log(`${describeMachine()}\n${rounds} rounds, warm cache\n`);
  const workspace = openWorkspace(options.dir);
  const jobs = options.jobs === undefined ? [] : ["--jobs", options.jobs];
  const convert = (input, out, ...more) => {
    return [...OZX, "convert", "--quiet", ...jobs, input, `${out}.ozx`, ...more];
  };
  return {
    scale: Number(options.scale),
    workspace,
    /** The command that converts `input` to an archive. */
    convert,
    /** Compares ways to convert an image with packing it as it is. */
    compare: (title, image, contenders) =>
      compare(title, [{ name: "ozx, plain", run: (out) => convert(image, out) }, ...contenders], {
        baseline: "ozx, plain",
        rounds,
        only: options.only?.split(","),
        workspace,
      }),
  };
}

/** zarr-python as a contender, by a script in `peers`; none where it is not installed. */
export function zarrPython(peer, image, ...more) {
  if (!existsSync(PYTHON)) return [];
  const script = fileURLToPath(new URL(`../peers/${peer}`, import.meta.url));
  return [{ name: "zarr-python", run: (out) => [PYTHON, script, image, `${out}.zarr`, ...more] }];
}
