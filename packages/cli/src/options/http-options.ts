import { type ChunkWorkers, type Fetch, type ReadOptions, type Store, UsageError } from "@ozx/core";
import { checkHeaders } from "@ozx/core/internal";
import { downloadSource, isAddress } from "@ozx/core/internal/node";
import type { OpenPathOptions } from "@ozx/core/node";
import type { Command } from "commander";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress, type ProgressReporter } from "../terminal/progress.js";
import { parseBytes } from "./parse-bytes.js";

/** The options of every command that opens an image. */
export interface HttpFlags {
  readonly maxMetadata?: number;
  readonly header?: Readonly<Record<string, string>>;
  readonly download?: boolean;
  readonly quiet?: boolean | undefined;
}

/** How files and folders are opened, on servers in particular. */
export type HttpOpening = Pick<OpenPathOptions, "http" | "openHttp" | "maxMetadata">;

/** How inputs are opened that may be on servers, or TIFFs. */
export type InputOpening = HttpOpening & Pick<OpenPathOptions, "axes" | "allowMissing">;

/** Opens an input; the workers decode what is in no Zarr codec. */
export type InputOpener = (options: ReadOptions & { readonly workers: ChunkWorkers }) => Promise<Store>;

/** Adds the options for requests to a server, and for the metadata that may come from it. */
export function withHttpOptions(command: Command): Command {
  return command
    .option(
      "--header <text>",
      'send this header to the server, as in "Authorization: Bearer …"; repeatable',
      addHeader,
    )
    .option("--download", "download a file completely before reading it, for servers without range requests")
    .option(
      "--max-metadata <size>",
      "read metadata documents, and directories of archives on a server, up to this size, as in 200MB; 64MB by default",
      parseMaxMetadata,
    );
}

function parseMaxMetadata(text: string): number {
  const size = parseBytes(text);
  if (size > 0) return size;
  throw new UsageError(`--max-metadata takes a size, as in 200MB, not ${text}`);
}

function addHeader(text: string, earlier: HttpFlags["header"] = {}): HttpFlags["header"] {
  const colon = text.indexOf(":");
  // The text is not repeated: it may contain a password.
  if (colon < 0) throw new UsageError('--header takes a name and a value, as in "Authorization: Bearer …"');
  const headers = { ...earlier, [text.slice(0, colon).trim()]: text.slice(colon + 1).trim() };
  checkHeaders(headers);
  return headers;
}

/**
 * How those of these paths that are addresses are opened.
 *
 * @throws UsageError for headers with addresses of several servers: each may only see its own
 */
export function httpOptions(flags: HttpFlags, paths: readonly string[]): HttpOpening {
  const { header, download = false, quiet = false, maxMetadata } = flags;
  const http: HttpOpening["http"] = { fetch: waitingFetch(createOutput({ quiet })) };
  const opening: HttpOpening = { http, maxMetadata, ...(download && { openHttp: downloading(quiet) }) };
  if (header === undefined) return opening;
  const servers = new Set(paths.filter((path) => isAddress(path)).map(serverOf));
  if (servers.size === 0) {
    throw new UsageError("--header is sent to servers, and none of the paths is an address: leave it out");
  }
  if (servers.size > 1) {
    throw new UsageError(
      `--header is for one server, and these are ${[...servers].join(" and ")}: use a command for each server`,
    );
  }
  return { ...opening, http: { ...http, headers: header } };
}

/** How long to wait for an answer before saying so, in milliseconds. */
const QUIET_WAIT = 5_000;

/** `fetch` that says once when an answer takes long, so that the command does not seem to hang. */
function waitingFetch(out: Output): Fetch {
  let isReported = false;
  return async (address, init) => {
    const timer = setTimeout(() => {
      if (!isReported) out.note(`Waiting for an answer from ${serverOf(address)} …`);
      isReported = true;
    }, QUIET_WAIT);
    try {
      return await fetch(address, init);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Downloads with progress, where the server reports the size. */
function downloading(quiet: boolean): HttpOpening["openHttp"] {
  return async (address, options) => {
    let progress: ProgressReporter | undefined;
    const onDownload = ({ bytes, total }: { bytes: number; total: number | undefined }): void => {
      if (quiet || total === undefined) return;
      progress ??= createProgress(process.stderr, { verb: "Downloading", bytes: total });
      progress.update({ entries: 0, bytes });
    };
    try {
      return await downloadSource(address, { ...options, onDownload });
    } finally {
      progress?.clear();
    }
  };
}

function serverOf(address: string): string {
  const end = address.indexOf("/", address.indexOf("://") + 3);
  // Without a user name and password before the host.
  return (end < 0 ? address : address.slice(0, end)).replace(/\/\/.*@/, "//").toLowerCase();
}
