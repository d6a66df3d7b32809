import {
  isOzxError,
  type OzxError,
  openOmeZarr,
  type ReadOptions,
  readHierarchy,
  type Store,
  UsageError,
} from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { errorReport, inspectNode } from "@ozx/core/validate";
import { describeArchive, isZipStore } from "@ozx/store-zip";
import type { Command } from "commander";
import { formats } from "../formats.js";
import { type AxesFlags, checkAxesFit, withAxesOption } from "../options/axes-option.js";
import { type HttpFlags, httpOptions, type InputOpening, withHttpOptions } from "../options/http-options.js";
import { toKey } from "../options/key-argument.js";
import type { FileReport, InfoReport } from "../render/file-report.js";
import { renderInfo } from "../render/file-summary.js";
import { EXIT } from "../terminal/exit-codes.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible } from "../terminal/interruption.js";
import { createOutput } from "../terminal/output.js";
import { exitCodeFor, formatError } from "../terminal/report-error.js";
import { terminalWidth } from "../terminal/text-layout.js";

interface InfoFlags extends HttpFlags, AxesFlags {
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly edit?: boolean;
  readonly path?: string;
}

export function defineInfo(command: Command): Command {
  command
    .description(
      "Shows the contents of OME-Zarr folders, archives, TIFFs, CZIs, ND2s and LIFs: axes, levels, channels, scale and sizes. Pixels are not read.",
    )
    .argument(
      "<paths...>",
      "OME-Zarr folders, .ozx files, zips, TIFFs, folders or patterns of TIFFs, CZIs, ND2s, LIFs, or addresses",
    )
    .option("-v, --verbose", "also show the tree of nodes, and how the archive follows RFC-9")
    .option("--path <path>", "show one node: a well such as B/03, a field, a label image")
    .option("--json", "print everything as one JSON object (docs/info-json.md)")
    .option("--edit", "print the metadata that ozx edit --from takes back, as JSON (docs/info-json.md)")
    .action(async (paths: string[], flags: InfoFlags) => {
      if (flags.edit === true) return interruptible((signal) => printEditable(paths, flags, signal));
      process.exitCode = await interruptible((signal) => info(paths, flags, signal));
    });
  return withHelp(withAxesOption(withHttpOptions(command)), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx info image.ozx"],
    ["ozx info -v plate.ozx"],
    ["ozx info scan.ome.tif"],
    ["ozx info plate.ozx --path B/03", "one well"],
    ["ozx info --json *.ozx | jq '.files[].images[0].levels[0].array.shape'"],
  ],
  notes: [
    "A file that cannot be read does not keep the others from being shown; the exit code is the highest of all files.",
  ],
};

/** Prints what can be edited of one image or plate. */
async function printEditable(
  paths: readonly string[],
  { path: node, axes, json, ...flags }: InfoFlags,
  signal: AbortSignal,
): Promise<void> {
  const [path = "", ...others] = paths;
  if (others.length > 0) throw new UsageError("--edit is for one image or plate: give one path");
  if (json) throw new UsageError("--edit and --json cannot be used together: --edit prints JSON of its own");
  const store = await openPath(path, {
    ...httpOptions(flags, paths),
    formats,
    axes,
    signal,
    wholeIndex: true,
  });
  try {
    const at = node === undefined ? undefined : toKey(node);
    // Not loaded for all that `info` shows otherwise.
    const { describeEditable } = await import("@ozx/convert");
    const editable = describeEditable(await readHierarchy(store, { signal }), at);
    if (editable.nodes.length === 0) {
      throw new UsageError(
        `${at?.slice(1) ?? path} is not an image or plate of OME-Zarr 0.4 or later, so ozx edit cannot change it`,
      );
    }
    createOutput().data(JSON.stringify(editable, null, 2));
  } finally {
    await store.close();
  }
}

/** Returns the highest exit code of all files. */
async function info(
  paths: readonly string[],
  { verbose = false, json = false, path: node, ...flags }: InfoFlags,
  signal: AbortSignal,
): Promise<number> {
  const out = createOutput();
  const servers = { ...httpOptions(flags, paths), axes: flags.axes };
  const files: InfoReport["files"][number][] = [];
  let code: number = EXIT.ok;
  for (const [index, path] of paths.entries()) {
    const file = await inspectOrError(path, {
      signal,
      ...servers,
      node,
      brief: !verbose && !json,
    });
    if (file instanceof Error) {
      code = Math.max(code, exitCodeFor(file));
      out.error(formatError(file));
      files.push({ path, error: errorReport(file) });
    } else if (json) files.push(file);
    else out.data(`${index > 0 ? "\n" : ""}${renderInfo(file, { width: terminalWidth(), verbose })}`);
  }
  if (json) {
    const report: InfoReport = { schemaVersion: 1, files };
    out.data(JSON.stringify(report, (_, value: unknown) => (value === undefined ? null : value), 2));
  }
  return code;
}

async function inspectOrError(path: string, options: InspectOptions): Promise<FileReport | OzxError> {
  try {
    return await inspect(path, options);
  } catch (error) {
    if (isOzxError(error)) return error;
    throw error;
  }
}

export interface InspectOptions extends ReadOptions, InputOpening {
  /**
   * Leave out `archive`, which takes some hundred reads, and the stored sizes where a server would have to send the rest
   * of a large directory for them, or a part of each chunk.
   */
  readonly brief?: boolean;
  /** The node to describe, as in `B/03`; the root by default. */
  readonly node?: string | undefined;
}

/** Describes a folder or archive: all of its metadata, and the sizes of everything else. */
export async function inspect(path: string, options: InspectOptions = {}): Promise<FileReport> {
  const wholeIndex = options.brief !== true;
  return inspectStore(await openPath(path, { ...options, formats, wholeIndex }), path, options);
}

/** Describes a store as {@link inspect} does, and closes it. */
export async function inspectStore(
  store: Store,
  path: string,
  { signal, brief = false, node: at, axes }: InspectOptions = {},
): Promise<FileReport> {
  checkAxesFit(store, axes);
  const node = await openOmeZarr(store, { formats, signal, path: at });
  try {
    const withoutSizes = brief && (isZipStore(store) ? !store.isWhole : store.isListedSlowly === true);
    const report = await inspectNode(node, { signal, withoutSizes });
    const archive =
      !brief && isZipStore(store)
        ? await describeArchive(await store.loadArchive({ signal }), { signal })
        : null;
    return { path, error: null, node: at ?? null, ...report, archive };
  } finally {
    await node.close();
  }
}
