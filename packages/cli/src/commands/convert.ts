import {
  type CodecRequest,
  formatBytes,
  formatSeconds,
  isOzxError,
  needsOfVersion,
  type Progress,
  parseCodecRequest,
  planTransfer,
  planVersion,
  plural,
  type Resumption,
  redactAddress,
  runTransfer,
  selectView,
  type TransferPlan,
} from "@ozx/core";
import { createChunkWork, type OutputCheck, openPath, refuseInside, roomFor } from "@ozx/core/node";
import { Command, Option } from "commander";
import {
  describeLeftover,
  describeResumable,
  describeResumption,
  findDestination,
  requiredSpace,
  resumeHint,
  warnAboutSpace,
} from "../convert-output.js";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions } from "../options/http-options.js";
import {
  addSelectOptions,
  formatSelection,
  type PathOptions,
  parseJobs,
  parsePaths,
  parseShardOption,
  type SelectOptions,
  selectionOf,
} from "../options/transfer-options.js";
import { renderTransferPlan } from "../render/transfer-plan.js";
import { InterruptedError, interruptible, OUTPUT_UNCHANGED, OutputDiffersError } from "../terminal/exit.js";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { examples, helpText, paragraph } from "../terminal/text-layout.js";
import { findDifferences } from "./verify.js";

interface ConvertOptions extends PathOptions, SelectOptions, HttpFlags {
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly codec?: CodecRequest;
  readonly pyramid?: boolean;
  readonly jobs?: number;
  readonly resume?: boolean;
}

export function convertCommand(): Command {
  const command = new Command("convert")
    .summary("pack a folder into an .ozx, unpack an .ozx, or tidy up a zip")
    .description(
      "Writes an OME-Zarr image to another place: into one .ozx file, or into a folder. What the input is, is found by looking at it; what the output will be, by its name.",
    )
    .argument("[input]", "an OME-Zarr folder, an .ozx, a zip, or an http(s) or s3:// address of one")
    .argument(
      "[output]",
      "a name ending in .ozx (or .zip) for one file, in .zarr (or nothing) for a folder; - for a pipe",
    )
    .option("-i, --input <path>", "the input, instead of the first argument")
    .option("-o, --output <path>", "the output, instead of the second argument")
    .option(
      "--shard <shape>",
      "put many chunks into one entry: auto, or as in z=8,y=2048,x=2048; none takes them out",
      parseShardOption,
    )
    .option(
      "--codec <codec>",
      "compress the pixels anew: zstd:5, blosc:lz4:5:shuffle, gzip:6, none",
      parseCodecRequest,
    )
    .option("-j, --jobs <n>", "threads that encode and write (as many as there are processors)", parseJobs)
    .option("--pyramid", "add the smaller levels that images lack, down to about 256 pixels");
  return addSelectOptions(command)
    .addOption(
      new Option("--ome-zarr-version <version>", "write this version; 0.4 only into a folder").choices([
        "0.4",
        "0.5",
        "0.6",
      ]),
    )
    .option("--resume", "go on where an earlier run was cut short; keep what is written if this one is")
    .option(
      "--verify",
      "compare the output with the input before it is put in its place; chunks with the same bytes are not decoded",
    )
    .option("-n, --dry-run", "only say what would be written")
    .option("-f, --force", "replace the output if it exists")
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx convert image.zarr image.ozx", "pack (OME-Zarr 0.4 becomes 0.5, pixels stay as they are)"],
          ["ozx convert image.ozx image.zarr", "unpack"],
          ["ozx convert foreign.zip image.ozx", "make a conforming .ozx of another tool's zip"],
          ["ozx convert image.zarr image.ozx --shard auto", "fewer and larger entries, pixels as they are"],
          ["ozx convert image.ozx image.zarr --shard none", "each chunk an entry again, pixels as they are"],
          ["ozx convert image.zarr image.ozx --codec zstd:5", "smaller chunks, the same pixels"],
          ["ozx convert image.zarr image.ozx --pyramid", "and the smaller levels that viewers want"],
          [
            "ozx convert plate.ozx well.ozx --path B/03",
            "one well; also an image of a collection, a label image",
          ],
          ["ozx convert image.ozx small.ozx --levels 1:", "without the largest level"],
          ["ozx convert image.ozx part.ozx --c 1 --z 0:8", "ranges at borders of chunks, pixels as they are"],
          [
            "ozx convert image.ozx image.zarr --ome-zarr-version 0.4",
            "for software that knows no later one; without shards",
          ],
          ["ozx convert image.zarr - | aws s3 cp - s3://bucket/image.ozx", "write the .ozx to a pipe"],
        ]),
        paragraph(
          "--resume ends with 6 where the output exists already: for a job that was put back into the queue, nothing is left to do.",
        ),
        paragraph("With --shard (but none), --codec or --pyramid OME-Zarr 0.4 becomes 0.5, in a folder too."),
      ),
    )
    .action(async (_first, _second, options: ConvertOptions, { args }: Command) => {
      const { input, output } = parsePaths(args, options);
      const out = createOutput(options);
      await convert(input, output, options, out);
    });
}

async function convert(
  input: string,
  output: string,
  { force, quiet, shard, codec, pyramid, dryRun, jobs, resume, ...options }: ConvertOptions,
  out: Output,
): Promise<void> {
  const selection = selectionOf(options);
  const servers = httpOptions({ ...options, quiet }, [input]);
  const started = performance.now();
  const work = createChunkWork({ jobs });
  let done: Progress | undefined;
  let check: OutputCheck | undefined;
  let refuted: OutputDiffersError | undefined;
  const plan = await interruptible(
    async (signal) => {
      // Threads that write use the index of an archive that is open here.
      const whole = await openPath(input, {
        formats,
        signal,
        wholeIndex: true,
        shareIndex: true,
        ...servers,
      });
      try {
        const source = selection === undefined ? whole : await selectView(whole, selection, { signal });
        if (output !== "-") await refuseInside(input, output);
        const onReplacedLeft = (place: string): void => {
          out.note(`${output} is written, but what it replaced cannot be removed and lies in ${place}`);
        };
        const { destination, existing } = await findDestination(output, {
          formats,
          overwrite: force,
          resume,
          onReplacedLeft,
          check: async (partial) => (await check?.(partial)) ?? true,
        });
        const version = options.omeZarrVersion;
        const needs = version === undefined ? destination : needsOfVersion(version, destination);
        // What is wrong with the options is told first: it stays wrong when the output is gone.
        const isAsIs = version === undefined && shard === undefined && codec === undefined;
        if (isAsIs && existing !== undefined) throw existing;
        const planned = await planTransfer(source, needs, { signal, shard, codec, pyramid, work });
        const transfer = version === undefined ? planned : await planVersion(planned, version, { signal });
        if (existing !== undefined) throw existing;
        if (dryRun) {
          const room =
            output === "-" ? undefined : await roomFor(output, requiredSpace(transfer, destination));
          out.data(
            renderTransferPlan(transfer, output, {
              part: selection && formatSelection(selection),
              space: room,
            }),
          );
          if (resume) out.note(describeResumable(destination, output));
          return undefined;
        }
        for (const { message } of transfer.findings) out.note(message);
        const isAdded =
          transfer.levels.length > 0 || transfer.findings.some(({ rule }) => rule === NOT_ADDED);
        if (pyramid && !isAdded) out.note(NO_LEVELS_MISSING);
        const goesOn = resume === true;
        if (output !== "-" && !goesOn) await warnAboutSpace(output, transfer, destination, out);
        for (const left of destination.left)
          if (!goesOn || !left.journal) out.note(describeLeftover(left, goesOn));
        const verb = destination.zarrFormat === undefined ? "Unpacking" : "Packing";
        const progress = createProgress(process.stderr, { verb, bytes: transfer.bytes });
        try {
          const onProgress = (now: Progress): void => {
            done = now;
            if (!quiet) progress.update(now);
          };
          const checkSame: OutputCheck = async (partial) => {
            progress.clear();
            const comparing = { ...options, quiet, jobs, selection, added: transfer.levels };
            const { differences } = await findDifferences(input, partial, comparing, signal);
            const [difference] = differences;
            if (difference === undefined) return true;
            refuted = outputDiffers(difference.message.replaceAll(partial, output), { input, output });
            return false;
          };
          if (options.verify) check = checkSame;
          const onResume = (found: Resumption): void => {
            out.note(describeResumption(found, transfer, { input, output }));
            progress.startAt(found.done);
            for (const left of destination.left) {
              if (left.journal && left.path !== found.leftover) out.note(describeLeftover(left, true));
            }
          };
          await runTransfer(transfer, await destination.open(), {
            signal,
            onProgress,
            onResume,
            workers: jobs,
          });
        } catch (error) {
          progress.clear();
          if (refuted !== undefined) throw refuted;
          const kept = goesOn && !isOzxError(error, "Usage") ? await resumeHint(output) : undefined;
          const reason: unknown = signal.reason;
          if (kept !== undefined && reason instanceof InterruptedError) reason.aftermath = kept;
          else if (kept !== undefined) out.note(`W${kept.slice(1)}.`);
          throw error;
        } finally {
          progress.clear();
        }
        return transfer;
      } finally {
        await Promise.all([whole.close(), work.close()]);
      }
    },
    output === "-" ? {} : { aftermath: OUTPUT_UNCHANGED },
  );
  if (plan === undefined) return;
  out.note(summary(plan, done, output, (performance.now() - started) / 1000));
  if (!options.verify) return;
  const part = selection === undefined ? "" : ` (${formatSelection(selection)})`;
  out.note(
    `${output}: every pixel and all metadata are those of ${redactAddress(input)}${part}; chunks with the same bytes were not decoded`,
  );
}

/** The rule of findings which tell of images that lack levels, and get none. */
const NOT_ADDED = "no-levels-added";

const NO_LEVELS_MISSING = "--pyramid adds nothing: every image has its smaller levels already.";

function outputDiffers(
  message: string,
  { input, output }: { input: string; output: string },
): OutputDiffersError {
  return new OutputDiffersError(
    `${output} is not written, for it would not be the same as ${redactAddress(input)}: ${message}`,
  );
}

function summary(plan: TransferPlan, done: Progress | undefined, output: string, seconds: number): string {
  // How large the entries are that are made is known afterwards.
  const { entries, bytes } =
    plan.made !== undefined && done ? done : { entries: plan.entries.length, bytes: plan.bytes };
  const version = plan.from === plan.to ? plan.from : `${plan.from} → ${plan.to}`;
  const name = output === "-" ? "standard output" : output;
  return `${name}: OME-Zarr ${version}, ${plural(entries, "entry", "entries")}, ${formatBytes(bytes)}, ${formatSeconds(seconds)}`;
}
