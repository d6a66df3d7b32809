import { type Command, Option } from "commander";
import {
  type ConvertFlags,
  type ConvertRequest,
  PIPE,
  parseRequest,
  parseRequests,
} from "../convert/conversion-request.js";
import { convertImage } from "../convert/convert-image.js";
import { convertMany } from "../convert/convert-many.js";
import { reportConversion } from "../convert/run-conversion.js";
import { openRunLog } from "../convert/run-log.js";
import { withAxesOption } from "../options/axes-option.js";
import { addConversionOptions } from "../options/conversion-options.js";
import { withHttpOptions } from "../options/http-options.js";
import { parseJobs } from "../options/transfer-options.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { claimStdout, createOutput, type Output } from "../terminal/output.js";

export function defineConvert(command: Command): Command {
  command
    .description(
      "Writes an image, OME-Zarr or a TIFF, CZI, ND2 or LIF, as OME-Zarr into one .ozx file or into a folder. The input type is detected from its contents, the output type from its name. Output is written atomically: complete, or unchanged.",
    )
    // Its paths are counted by parseRequest, which says how several images are converted.
    .allowExcessArguments(true)
    .argument(
      "[input]",
      "an OME-Zarr folder, an .ozx, a zip, a TIFF, a folder or pattern of TIFFs, a CZI, ND2 or LIF, or an http(s):// or s3:// address",
    )
    .argument(
      "[output]",
      "a name ending in .ozx (or .zip) for one file, in .zarr (or nothing) for a folder, also as an s3:// address; - for a pipe",
    )
    .option("-i, --input <path>", "the input, instead of the first argument")
    .option("-o, --output <path>", "the output, instead of the second argument")
    .option("--out-dir <folder>", "convert all inputs, into files below this folder named after them")
    .addOption(
      new Option("--as <suffix>", "what the files below --out-dir are; by default ozx").choices([
        "ozx",
        "zarr",
      ]),
    )
    .option("--log <file>", "with --out-dir: append a JSON line for each input to this file");
  addConversionOptions(command)
    .option(
      "-j, --jobs <n>",
      "threads that encode and write, by default one for each processor; with --out-dir also how many images at once",
      parseJobs,
    )
    .option("--resume", "resume an interrupted run, and keep what is written if this one is interrupted")
    .option(
      "--verify",
      "compare the output with the input before it replaces anything; identical chunks are not decoded",
    )
    .option("--thumbnail", "also write a small picture of it, as Thumbnails/thumbnail.jpg")
    .option("-n, --dry-run", "only print what would be written")
    .option("-f, --force", "replace the output if it exists")
    .option("-q, --quiet", "print nothing but errors")
    .action(async (_first, _second, flags: ConvertFlags, { args }: Command) => {
      if (flags.outDir === undefined) await convert(parseRequest(args, flags), createOutput(flags));
      else process.exitCode = await convertAll(parseRequests(args, flags), flags);
    });
  return withHelp(withAxesOption(withHttpOptions(command)), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx convert image.zarr image.ozx", "pack (OME-Zarr 0.4 becomes 0.5; pixels are unchanged)"],
    ["ozx convert image.ozx image.zarr", "unpack"],
    ["ozx convert scan.ome.tif scan.ozx", "a TIFF; also a folder of Micro-Manager"],
    ["ozx convert scan.czi scan.ozx", "a CZI, ND2 or LIF"],
    ["ozx convert 'img_t{t}_c{c}_z{z}.tif' stack.ozx", "TIFFs whose names say what they are"],
    ["ozx convert foreign.zip image.ozx", "make a conforming .ozx from another tool's zip"],
    ["ozx convert tables.zarr tables.zip", "pack any Zarr that is not OME-Zarr, as it is"],
    ["ozx convert image.zarr image.ozx --shard auto", "fewer and larger entries, without decoding chunks"],
    ["ozx convert image.ozx image.zarr --shard none", "each chunk in its own entry, without decoding it"],
    ["ozx convert image.zarr image.ozx --codec zstd:5", "smaller chunks, the same pixels"],
    ["ozx convert image.zarr image.ozx --pyramid", "add lower-resolution levels"],
    ["ozx convert plate.ozx well.ozx --path B/03", "one well; also an image of a collection, a label image"],
    ["ozx convert image.ozx small.ozx --levels 1:", "without the largest level"],
    ["ozx convert image.ozx part.ozx --c Nuclei --z 1:3", "a part; chunks that stay whole are not decoded"],
    ["ozx convert image.zarr image.ozx --chunks z=8,y=512,x=512", "other chunks, the same pixels"],
    ["ozx convert image.ozx mip.ozx --project z=max --dtype uint8", "a projection, in the values shown"],
    [
      "ozx convert image.ozx image.zarr --ome-zarr-version 0.4",
      "for software that cannot read a later version; without shards",
    ],
    ["ozx convert --allow-damaged damaged.zarr image.ozx", "without chunks that cannot be decoded"],
    ["ozx convert *.zarr --out-dir packed", "each image into an .ozx of its own below packed"],
    ["ozx convert *.zarr --out-dir packed --jobs 8", "eight images at once"],
    ["ozx convert image.zarr s3://bucket/image.ozx", "upload the .ozx, without a local copy"],
    ["ozx convert image.zarr - | gcloud storage cp - gs://bucket/image.ozx", "write the .ozx to a pipe"],
  ],
  notes: [
    "--resume exits with 6 where the output exists already: a job that was put back into the queue has nothing left to do.",
    "With --shard (but none), --codec, --pyramid, or recomputed chunks OME-Zarr 0.4 becomes 0.5, in a folder too.",
  ],
};

async function convert(request: ConvertRequest, out: Output): Promise<void> {
  const started = performance.now();
  const isPipe = request.output === PIPE;
  if (isPipe && !request.dryRun) claimStdout();
  const result = await interruptible((signal) => convertImage(request, out, signal), {
    aftermath: isPipe ? undefined : OUTPUT_UNCHANGED,
  });
  if (result === undefined) return;
  const { conversion, written } = result;
  const seconds = (performance.now() - started) / 1000;
  reportConversion(request, conversion, { written, seconds, out });
}

function convertAll(requests: readonly ConvertRequest[], flags: ConvertFlags): Promise<number> {
  const out = createOutput(flags);
  const log = openRunLog(flags.log);
  return interruptible((signal) => convertMany(requests, { flags, out, log, signal }), {
    aftermath: "What is written so far is complete; the same command does the rest.",
  });
}
