import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compare } from "./compare.mjs";
import { describeMachine } from "./machine.mjs";
import { readOptions } from "./options.mjs";
import { OZX, openWorkspace } from "./workspace.mjs";

/** Has what `interop/setup.sh` installs. */
export const PYTHON = fileURLToPath(new URL("../../interop/.venv/bin/python", import.meta.url));

/**
 * Sets up a benchmark of an option of `ozx convert` against plain packing and zarr-python: reads the command line options
 * and prints the machine.
 *
 * @param script name of the script, as in `shard`
 * @param all the data that `--scale` reduces, for the help
 * @param images the names of images for `--case`, where there are several
 */
export function openConvertBench(script, all, images = []) {
  const options = readOptions(
    {
      only: { type: "string" },
      case: { type: "string", default: images.join() },
      jobs: { type: "string" },
      rounds: { type: "string", default: "3" },
      scale: { type: "string", default: "1" },
      dir: { type: "string" },
    },
    `node perf/${script}.mjs [options]${images.length > 0 ? `\n  --case a,b     only these images: ${images.join(", ")}` : ""}
  --only a,b     only these contenders, besides the baseline
  --jobs N       threads of ozx (as many as there are processors)
  --rounds N     rounds; each contender runs once per round (3)
  --scale X      fraction of ${all}, as in 0.1 (1)
  --dir PATH     folder for data and outputs; the data is kept for later runs`,
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
    cases: options.case.split(","),
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

/** zarr-python as a contender, which runs a script in `peers`; an empty list where it is not installed. */
export function zarrPython(peer, image, ...more) {
  if (!existsSync(PYTHON)) return [];
  const script = fileURLToPath(new URL(`../peers/${peer}`, import.meta.url));
  return [{ name: "zarr-python", run: (out) => [PYTHON, script, image, `${out}.zarr`, ...more] }];
}
