import { formatCount, plural, redactAddress } from "@ozx/core/internal";
import type { Command } from "commander";
import { compareImages } from "../compare-images.js";
import { type AxesFlags, withAxesOption } from "../options/axes-option.js";
import { type HttpFlags, httpOptions, withHttpOptions } from "../options/http-options.js";
import { parseJobs } from "../options/transfer-options.js";
import { EXIT } from "../terminal/exit-codes.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible } from "../terminal/interruption.js";
import { createOutput } from "../terminal/output.js";

interface VerifyFlags extends HttpFlags, AxesFlags {
  readonly jobs?: number;
  readonly bytes?: boolean;
}

export function defineVerify(command: Command): Command {
  command
    .description(
      "Compares two images in folders, archives, TIFFs, CZIs, ND2s or LIFs: every decoded pixel and all metadata. The shape, sharding and compression of chunks may differ, and so may the version of OME-Zarr. Identical chunks are not decoded: validate --deep finds damage that both images share.",
    )
    .argument("<one>", "an OME-Zarr folder, an .ozx, a zip, a TIFF, CZI, ND2 or LIF, or an address of one")
    .argument("<other>", "the image to compare it with")
    .option("--bytes", "compare the stored bytes of each entry, such as compressed chunks, instead of pixels")
    .option("-j, --jobs <n>", "threads that decode; by default one for each processor", parseJobs)
    .option("-q, --quiet", "print nothing but errors; the exit code is the result")
    .action(async (one: string, other: string, flags: VerifyFlags) => {
      process.exitCode = await verify(one, other, flags);
    });
  return withHelp(withAxesOption(withHttpOptions(command)), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx verify image.zarr image.ozx", "exit code 0: the same, 1: different"],
    ["ozx verify scan.ome.tif scan.ozx", "proof that every pixel came along"],
    ["ozx verify --bytes image.zarr image.ozx", "the same files with the same bytes"],
  ],
};

/** The number of differences that are printed. */
const MOST_SHOWN = 20;

async function verify(one: string, other: string, flags: VerifyFlags): Promise<number> {
  const { quiet = false, bytes, jobs: workers } = flags;
  const http = { ...httpOptions(flags, [one, other]), axes: flags.axes };
  const { differences, zarrFormats, notCompared } = await interruptible((signal) =>
    compareImages(one, other, { signal, http, quiet, bytes, workers }),
  );
  const out = createOutput({ quiet });
  const names = [one, other].map(redactAddress).join(" and ");
  if (!quiet) {
    for (const { message } of differences.slice(0, MOST_SHOWN)) out.data(message);
    const rest = differences.length - MOST_SHOWN;
    if (rest > 0) out.data(`… and ${formatCount(rest)} more`);
  }
  if (bytes && differences.length > 0 && zarrFormats.size > 1) {
    out.note(
      "One is Zarr v2 and the other is v3, which store the same image as different bytes: leave out --bytes.",
    );
  }
  out.note(
    differences.length === 0
      ? `${names} are the same`
      : `${names} differ in ${plural(differences.length, "place")}`,
  );
  for (const sentence of notCompared) out.note(sentence);
  return differences.length === 0 ? EXIT.ok : EXIT.findings;
}
