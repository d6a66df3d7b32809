import { type ShardRequest, UsageError, type WritableVersion } from "@ozx/core";

/** What names the input and the output, and what some outputs exclude. */
export interface PlaceOptions {
  readonly input?: string;
  readonly output?: string;
  readonly verify?: boolean;
  readonly dryRun?: boolean;
  readonly shard?: ShardRequest;
  readonly omeZarrVersion?: WritableVersion;
}

/**
 * The input and the output, given by place or by option.
 *
 * @throws UsageError when one is missing, one is left over, or options do not go with them
 */
export function inputAndOutput(
  paths: readonly string[],
  options: PlaceOptions,
): { input: string; output: string } {
  const { input, output, rest } = named(paths, options);
  if (options.verify && output === "-") {
    throw new UsageError("--verify cannot read a pipe again: write to a file, or leave --verify out");
  }
  if (writesToPipe(paths, options) && process.stdout.isTTY) {
    throw new UsageError(
      "the standard output is a terminal, and an archive is no text: send it to a pipe or a file, as in ozx convert image.zarr - > image.ozx",
    );
  }
  if (options.shard !== undefined && options.shard !== "none" && options.omeZarrVersion === "0.4") {
    throw new UsageError(
      "--shard and --ome-zarr-version 0.4 exclude each other: shards came with 0.5; leave one of them out",
    );
  }
  if (input === undefined || output === undefined) {
    throw new UsageError(
      `convert needs ${input === undefined ? "an input and an output" : "an output"}, as in "ozx convert image.zarr image.ozx"`,
    );
  }
  if (rest.length > 0) {
    throw new UsageError(
      `convert takes one input and one output, and ${rest[0]} is left over; a loop converts several: for f in *.zarr; do ozx convert "$f" "\${f%.zarr}.ozx"; done`,
    );
  }
  return { input, output };
}

/** Whether an archive goes to the standard output, and not words about one. */
export function writesToPipe(paths: readonly string[], options: PlaceOptions): boolean {
  return named(paths, options).output === "-" && !options.dryRun;
}

function named(paths: readonly string[], options: PlaceOptions) {
  const rest = [...paths];
  const input = options.input ?? rest.shift();
  const output = options.output ?? rest.shift();
  return { input, output, rest };
}
