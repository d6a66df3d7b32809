import type { CodecRequest, Damage, PyramidMethod, TransferSelection, WritableVersion } from "@ozx/convert";
import { UsageError } from "@ozx/core";
import type { ShardRequest } from "@ozx/core/internal";
import { isAddress } from "@ozx/core/internal/node";
import type { AxesFlags } from "../options/axes-option.js";
import { type HttpFlags, httpOptions, type InputOpener, type InputOpening } from "../options/http-options.js";
import { type SelectOptions, selectionOf } from "../options/transfer-options.js";
import { nameOutputs, type OutputSuffix } from "./output-names.js";

/** The options of `ozx convert`, as commander parses them. */
export interface ConvertFlags extends SelectOptions, HttpFlags, AxesFlags {
  readonly input?: string;
  readonly output?: string;
  readonly outDir?: string;
  readonly as?: OutputSuffix;
  readonly log?: string;
  readonly shard?: ShardRequest;
  readonly codec?: CodecRequest;
  readonly jobs?: number;
  readonly pyramid?: boolean;
  readonly allowMissing?: boolean;
  readonly allowDamaged?: boolean;
  readonly omeZarrVersion?: WritableVersion;
  readonly resume?: boolean;
  readonly verify?: boolean;
  readonly thumbnail?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** The conversion that a command line asks for. */
export interface ConvertRequest {
  /** Path or address. */
  readonly input: string;
  /** Path; {@link PIPE} for the standard output. */
  readonly output: string;
  /** The part of the input to take; undefined for all of it. */
  readonly selection: TransferSelection | undefined;
  /** The OME-Zarr version to write; by default the one that the output asks for. */
  readonly version: WritableVersion | undefined;
  readonly shard: ShardRequest | undefined;
  readonly codec: CodecRequest | undefined;
  /** Add missing lower-resolution levels. */
  readonly pyramid: boolean;
  /** How the pixels of these levels are made; by default their mean. */
  readonly method: PyramidMethod | undefined;
  /** How much memory decoded chunks may take, in bytes; 512 MB by default. */
  readonly memory: number | undefined;
  /** Go on where a level has no array. */
  readonly allowMissing: boolean;
  /** Leave out chunks that cannot be read or decoded. */
  readonly allowDamaged?: boolean | undefined;
  /** The damaged chunks, where they are known already. */
  readonly damage?: Damage | undefined;
  /** The number of threads; by default one for each processor. */
  readonly workers: number | undefined;
  readonly resume: boolean;
  readonly verify: boolean;
  /** Put a thumbnail into the output. */
  readonly thumbnail?: boolean | undefined;
  readonly dryRun: boolean;
  readonly overwrite: boolean;
  readonly quiet: boolean;
  /** How an input on a server, or a TIFF, is opened. */
  readonly http: InputOpening;
  /** Opens the input, where `input` is only the name of it: of images that are merged. */
  readonly open?: InputOpener | undefined;
}

/** The output that stands for the standard output. */
export const PIPE = "-";

/**
 * Reads the request of a command line.
 *
 * @throws UsageError when a path is missing or left over, or options cannot be used together
 */
export function parseRequest(paths: readonly string[], flags: ConvertFlags): ConvertRequest {
  const { input, output } = parsePaths(paths, flags);
  checkTogether(flags);
  return requestFor(input, output, flags);
}

/**
 * Reads the requests of a command line with `--out-dir`: one for each input.
 *
 * @throws UsageError when there is no input, two inputs have one output, or options cannot be used together
 */
export function parseRequests(paths: readonly string[], flags: ConvertFlags): ConvertRequest[] {
  const { input, output, outDir = "", as = "ozx", omeZarrVersion } = flags;
  const inputs = [...(input === undefined ? [] : [input]), ...paths];
  if (output !== undefined) {
    throw new UsageError("--output and --out-dir cannot be used together: leave out one of them");
  }
  if (outDir === "" || outDir === PIPE) throw new UsageError("--out-dir takes the folder of the outputs");
  if (inputs.length === 0) {
    throw new UsageError('convert needs an input, as in "ozx convert *.zarr --out-dir packed"');
  }
  if (omeZarrVersion === "0.4" && as === "ozx") {
    throw new UsageError("--ome-zarr-version 0.4 needs --as zarr: an .ozx is OME-Zarr 0.5 or later");
  }
  // Of all inputs, since headers are for one server.
  httpOptions(flags, inputs);
  return nameOutputs(inputs, outDir, as).map((named) => requestFor(named.input, named.output, flags));
}

/** The request of one of several inputs. */
export function requestFor(input: string, output: string, flags: ConvertFlags): ConvertRequest {
  checkOptions(output, flags);
  const { resume = false, verify = false, dryRun = false, quiet = false, pyramid = false } = flags;
  return {
    input,
    output,
    selection: selectionOf(flags),
    version: flags.omeZarrVersion,
    shard: flags.shard,
    codec: flags.codec,
    pyramid,
    ...{ method: flags.method, memory: flags.memory },
    allowMissing: flags.allowMissing ?? false,
    allowDamaged: flags.allowDamaged,
    workers: flags.jobs,
    resume,
    verify,
    thumbnail: flags.thumbnail,
    dryRun,
    overwrite: flags.force ?? false,
    quiet,
    http: { ...httpOptions(flags, [input]), axes: flags.axes, allowMissing: flags.allowMissing },
  };
}

function parsePaths(paths: readonly string[], flags: ConvertFlags): { input: string; output: string } {
  const rest = [...paths];
  const input = flags.input ?? rest.shift();
  const output = flags.output ?? rest.shift();
  if (input === undefined || output === undefined) {
    const missing = input === undefined ? "an input and an output" : "an output";
    throw new UsageError(`convert needs ${missing}, as in "ozx convert image.zarr image.ozx"`);
  }
  if (/^\d+$/.test(rest[0] ?? "")) {
    throw new UsageError(
      `${rest[0]} is no path, and one path too many: a level of compression follows a colon, as in "--codec zstd:5", and --pyramid takes no number`,
    );
  }
  if (rest.length > 0) {
    throw new UsageError(
      `convert takes one input and one output, and ${rest[0]} is one path too many; several images are converted with --out-dir, as in "ozx convert *.zarr --out-dir packed"`,
    );
  }
  return { input, output };
}

function checkTogether({ as, log }: ConvertFlags): void {
  const lonely = as === undefined ? log && "--log" : "--as";
  if (lonely === undefined) return;
  throw new UsageError(`${lonely} is for several images: give --out-dir too`);
}

function checkOptions(output: string, flags: ConvertFlags): void {
  const { verify, thumbnail, dryRun, shard, omeZarrVersion, method, pyramid, project } = flags;
  const ranges = [flags.t, flags.c, flags.z, flags.y, flags.x];
  const makesLevels =
    pyramid === true || project !== undefined || ranges.some((range) => range !== undefined);
  if (method !== undefined && !makesLevels) {
    throw new UsageError("--method says how levels are made, and none are: give --pyramid too");
  }
  if (verify && flags.allowDamaged) {
    throw new UsageError(
      "--verify and --allow-damaged cannot be used together, for damaged chunks have no pixels to compare: leave out one of them",
    );
  }
  if (verify && output === PIPE) {
    throw new UsageError(
      "--verify cannot be used with a pipe, which cannot be read again: write to a file, or leave out --verify",
    );
  }
  if (thumbnail && (output === PIPE || isAddress(output))) {
    throw new UsageError(
      "--thumbnail is put into the output when that is there: write to a file or a folder, or leave out --thumbnail",
    );
  }
  if (output === PIPE && !dryRun && process.stdout.isTTY) {
    throw new UsageError(
      "the standard output is a terminal, and an archive is binary: send it to a pipe or a file, as in ozx convert image.zarr - > image.ozx",
    );
  }
  if (shard !== undefined && shard !== "none" && omeZarrVersion === "0.4") {
    throw new UsageError(
      "--shard and --ome-zarr-version 0.4 cannot be used together: OME-Zarr 0.4 has no shards; leave out one of them",
    );
  }
}
