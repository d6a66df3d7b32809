import { checkHeaders, type Fetch, UsageError } from "@ozx/core";
import { downloadSource, isAddress, type OpenPathOptions } from "@ozx/core/node";
import type { Command } from "commander";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress, type ProgressReporter } from "../terminal/progress.js";

/** The options of every command that takes an address. */
export interface HttpFlags {
  readonly header?: Readonly<Record<string, string>>;
  readonly download?: boolean;
  readonly quiet?: boolean | undefined;
}

/** How what is on servers is opened. */
export type HttpOpening = Pick<OpenPathOptions, "http" | "openHttp">;

/** Adds the options that say how a server is asked. */
export function withHttpOptions(command: Command): Command {
  return command
    .option(
      "--header <text>",
      'send this to the server, as in "Authorization: Bearer …"; may be given again',
      addHeader,
    )
    .option(
      "--download",
      "fetch a file on a server whole first, into a temporary one: for servers that send no parts of files",
    );
}

function addHeader(text: string, earlier: HttpFlags["header"] = {}): HttpFlags["header"] {
  const colon = text.indexOf(":");
  // What was given is not shown: it may be a password.
  if (colon < 0) throw new UsageError('--header takes a name and a value, as in "Authorization: Bearer …"');
  const headers = { ...earlier, [text.slice(0, colon).trim()]: text.slice(colon + 1).trim() };
  checkHeaders(headers);
  return headers;
}

/**
 * How what these paths name is opened where it is on a server.
 *
 * @throws UsageError where headers are given and there are several servers, of which one should not have them
 */
export function httpOptions(flags: HttpFlags, paths: readonly string[]): HttpOpening {
  const { header, download = false, quiet = false } = flags;
  const http: HttpOpening["http"] = { fetch: waitingFetch(createOutput({ quiet })) };
  const opening: HttpOpening = { http, ...(download && { openHttp: downloading(quiet) }) };
  if (header === undefined) return opening;
  const servers = new Set(paths.filter((path) => isAddress(path)).map(serverOf));
  if (servers.size > 1) {
    throw new UsageError(
      `--header is for one server, and these are ${[...servers].join(" and ")}: ask each with a command of its own`,
    );
  }
  return { ...opening, http: { ...http, headers: header } };
}

/** How long nobody is told that there is no answer yet, in milliseconds. */
const QUIET_WAIT = 5_000;

/** `fetch` that says once when an answer takes long, so that nobody takes the command for dead. */
function waitingFetch(out: Output): Fetch {
  let isSaid = false;
  return async (address, init) => {
    const timer = setTimeout(() => {
      if (!isSaid) out.note(`Waiting for an answer of ${serverOf(address)} …`);
      isSaid = true;
    }, QUIET_WAIT);
    try {
      return await fetch(address, init);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Downloads, and says how far it is where the server says how long it is. */
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
  // Without the name and password that may stand before the host.
  return (end < 0 ? address : address.slice(0, end)).replace(/\/\/.*@/, "//").toLowerCase();
}
