import {
  type AbsolutePath,
  type Difference,
  formatCount,
  plural,
  redactAddress,
  type Store,
  selectView,
  type TransferSelection,
  verifyBytes,
  verifyStores,
} from "@ozx/core";
import { createChunkWork, openPath } from "@ozx/core/node";
import { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions } from "../options/http-options.js";
import { parseJobs } from "../options/transfer-options.js";
import { EXIT, interruptible } from "../terminal/exit.js";
import { createOutput } from "../terminal/output.js";
import { createProgress, type ProgressReporter } from "../terminal/progress.js";
import { examples, helpText } from "../terminal/text-layout.js";

interface CompareOptions extends HttpFlags {
  readonly quiet?: boolean | undefined;
  readonly jobs?: number | undefined;
  /** Compare what is stored, and not what it means. */
  readonly bytes?: boolean | undefined;
  /** The part of the first one that the other one is to be. */
  readonly selection?: TransferSelection | undefined;
  /** Levels that only the other one has, and that are not compared. */
  readonly added?: readonly AbsolutePath[] | undefined;
}

export function verifyCommand(): Command {
  return new Command("verify")
    .summary("say whether two images have the same pixels and metadata")
    .description(
      "Compares two OME-Zarr images, folders or archives: every pixel, decoded, and all metadata. How chunks are shaped, sharded and compressed makes no difference, nor does the version of OME-Zarr. Chunks that both store with the same bytes are not decoded: validate --deep finds damage that both share.",
    )
    .argument("<one>", "an OME-Zarr folder, an .ozx or a zip, or an address of one")
    .argument("<other>", "the one to compare it with")
    .option("--bytes", "compare the stored bytes of each entry, such as compressed chunks, and no pixels")
    .option("-j, --jobs <n>", "threads that decode (as many as there are processors)", parseJobs)
    .option("-q, --quiet", "say nothing but errors; the exit code tells")
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx verify image.zarr image.ozx", "exit code 0: the same, 1: different"],
          ["ozx verify --bytes image.zarr image.ozx", "the same files with the same bytes in them"],
        ]),
      ),
    )
    .action(async (one: string, other: string, options: CompareOptions) => {
      const { differences, formats, unlisted } = await compare(one, other, options);
      const out = createOutput(options);
      const names = [one, other].map(redactAddress).join(" and ");
      const shown = options.quiet ? [] : differences.slice(0, MOST_SHOWN);
      for (const { message } of shown) out.data(message);
      const rest = differences.length - MOST_SHOWN;
      if (rest > 0 && !options.quiet) out.data(`… and ${formatCount(rest)} more`);
      if (options.bytes && differences.length > 0 && formats.size > 1) {
        out.note("One is Zarr v2 and the other v3, which write the same image otherwise: leave out --bytes.");
      }
      out.note(
        differences.length === 0
          ? `${names} are the same`
          : `${names} differ in ${plural(differences.length, "place")}`,
      );
      for (const line of unlisted) out.note(line);
      if (differences.length > 0) process.exitCode = EXIT.findings;
    });
}

/** So many differences are told one by one. */
const MOST_SHOWN = 20;

export interface Comparison {
  readonly differences: readonly Difference[];
  /** The Zarr formats of the two. */
  readonly formats: ReadonlySet<2 | 3>;
  /** What could not be compared, in sentences. */
  readonly unlisted: readonly string[];
}

/** All differences between the images at two paths. */
function compare(one: string, other: string, options: CompareOptions): Promise<Comparison> {
  return interruptible((signal) => findDifferences(one, other, options, signal));
}

/** As {@link compare}, for commands that do more than that. */
export async function findDifferences(
  one: string,
  other: string,
  options: CompareOptions,
  signal: AbortSignal,
): Promise<Comparison> {
  const { quiet, bytes, selection, added, jobs } = options;
  const servers = httpOptions(options, [one, other]);
  const work = createChunkWork({ jobs });
  try {
    const whole = await openPath(one, { formats, signal, wholeIndex: true, ...servers });
    try {
      const left = selection === undefined ? whole : await selectView(whole, selection, { signal });
      const right = await openPath(other, { formats, signal, wholeIndex: true, ...servers });
      let progress: ProgressReporter | undefined;
      const onProgress = ({ bytes, total }: { bytes: number; total: number }): void => {
        progress ??= createProgress(process.stderr, { verb: "Comparing", bytes: total });
        progress.update({ entries: 0, bytes });
      };
      try {
        const options = { signal, added, work, onProgress: quiet ? undefined : onProgress };
        const differences: Difference[] = [];
        const found = bytes ? verifyBytes(left, right, options) : verifyStores(left, right, options);
        for await (const difference of found) differences.push(difference);
        const hasV3 = [left, right].map((store) => store.get("/zarr.json", { signal }));
        const isV3 = (await Promise.all(hasV3)).map((document) => document !== undefined);
        const zarrFormats = new Set(isV3.map((is) => (is ? 3 : 2)));
        return { differences, formats: zarrFormats, unlisted: aboutUnlisted(left, right) };
      } finally {
        progress?.clear();
        await right.close();
      }
    } finally {
      await whole.close();
    }
  } finally {
    await work.close();
  }
}

/** What is only in a folder that cannot be listed is not known. */
function aboutUnlisted(left: Store, right: Store): string[] {
  const about = (store: Store, other: Store): string[] => {
    if (store.unlisted === undefined) return [];
    const asked =
      other.unlisted === undefined ? `what its metadata or ${other.name} names` : "what its metadata names";
    return [
      `${store.name} is on a server, which does not list it: ${asked} was compared, and nothing else that may be there.`,
    ];
  };
  return [...about(left, right), ...about(right, left)];
}
