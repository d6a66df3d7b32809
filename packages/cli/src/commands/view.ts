import { stat } from "node:fs/promises";
import { isOzxError, openOmeZarr, UsageError } from "@ozx/core";
import { isAddress } from "@ozx/core/internal/node";
import { openPath } from "@ozx/core/node";
import type { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions, withHttpOptions } from "../options/http-options.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { InterruptedError, interruptible } from "../terminal/interruption.js";
import { createOutput } from "../terminal/output.js";
import { hasBrowser, type OpenedBrowser, openBrowser } from "../view/open-browser.js";
import { openPage } from "../view/page-files.js";
import { openRemoteSource } from "../view/remote-source.js";
import { startViewServer } from "../view/view-server.js";

interface ViewFlags extends HttpFlags {
  readonly open: boolean;
  readonly once?: boolean;
  readonly port?: number;
}

export function defineView(command: Command): Command {
  command
    .description(
      "Opens an image, its metadata and its archive in the browser, until Ctrl-C or, with --once, until the page is closed. The page is served to this computer only, at an address that nobody can guess. Nothing is uploaded.",
    )
    .argument("<path>", "an OME-Zarr folder, an .ozx, a zip, a TIFF, CZI, ND2 or LIF, or an address of one")
    .option("--no-open", "only print the address")
    .option("--once", "end when the page was closed; without it, Ctrl-C ends the command")
    .option("-p, --port <number>", "the port of the page; any free one by default", parsePort)
    .action(async (path: string, flags: ViewFlags) => {
      await interruptible((signal) => view(path, flags, signal));
    });
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx view image.ozx"],
    ["ozx view --no-open image.zarr", "print the address, to open it yourself"],
    ["ozx view scan.svs"],
    ["ozx view --once image.ozx", "for a double click: nothing is left behind"],
    ["ozx view https://example.org/image.ozx"],
    ["ozx view s3://bucket/image.ozx", "with your credentials, which the page never sees"],
  ],
};

/** Returns when a signal ends it or, with `--once`, the page was closed; one that arrives before the page is served is an interruption, as of any command. */
async function view(
  path: string,
  { open, once = false, port, ...flags }: ViewFlags,
  signal: AbortSignal,
): Promise<void> {
  const page = await openPage();
  const out = createOutput();
  const byPage = isReadByPage(path, flags);
  await using remote =
    isAddress(path) && !byPage ? await openRemoteSource(path, httpOptions(flags, [path]), signal) : undefined;
  // An input that cannot be opened is reported here rather than in the browser.
  if (byPage) await refuseMissing(path, signal);
  else if (remote === undefined) await checkLocal(path, signal);
  let browser: OpenedBrowser | undefined;
  let close = (): void => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  await using server = await startViewServer({
    page,
    port,
    remote,
    path: isAddress(path) ? undefined : path,
    onError: (error) => out.note(error instanceof Error ? error.message : String(error)),
    // The browser has the address now.
    onPage: () => browser?.forget(),
    onClosed: () => close(),
  });
  const source = server.sourceUrl ?? path;
  const url = `${server.url}?source=${encodeURIComponent(source)}${once ? "&once" : ""}`;
  out.data(url);
  if (process.env["SSH_CONNECTION"]) out.note(overSsh(url));
  if (open) browser = await tryBrowser(url, (text) => out.note(text));
  out.note(once ? "It ends when the page is closed, or with Ctrl-C." : "Press Ctrl-C to stop.");
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason);
  });
  try {
    await (once ? Promise.race([closed, interrupted]) : interrupted);
  } catch (error) {
    // Ctrl-C is the normal end.
    if (!(error instanceof InterruptedError)) throw error;
  } finally {
    browser?.forget();
  }
}

/**
 * Opens an input on this computer, and refuses several TIFFs: the page is served one file, or one folder of OME-Zarr.
 *
 * @throws UsageError
 */
async function checkLocal(path: string, signal: AbortSignal): Promise<void> {
  const store = await openPath(path, { formats, signal });
  try {
    await openOmeZarr(store, { formats, signal });
  } catch (error) {
    // The page shows what is wrong with an image; a folder of other things has nothing to show.
    if (isOzxError(error, "UnknownFormat")) throw error;
  } finally {
    await store.close();
  }
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (store.format !== "tiff" || isFile) return;
  throw new UsageError(
    `${path} is several TIFFs, which cannot be viewed as they are: convert them first, as in "ozx convert ${path} image.ozx", and view that`,
  );
}

/** Opens the browser where there is one, and says so where it does not open. */
async function tryBrowser(url: string, note: (text: string) => void): Promise<OpenedBrowser | undefined> {
  if (!hasBrowser()) {
    note("There is no browser here: open the address yourself.");
    return undefined;
  }
  const failed = (): void => note("No browser could be opened: open the address yourself.");
  const browser = await openBrowser(url).catch(() => undefined);
  if (browser === undefined) failed();
  // It can take long to find out.
  else void browser.opened.then((isOpen) => isOpen || failed());
  return browser;
}

/** Over ssh, the browser runs on another computer. */
function overSsh(url: string): string {
  const { port } = new URL(url);
  return `To open it over ssh, connect with "ssh -L ${port}:127.0.0.1:${port}" and open the address on your own computer.`;
}

/** Whether the browser reads from the server itself: it has no credentials, and does not download whole files. */
function isReadByPage(path: string, { header, download }: HttpFlags): boolean {
  const hasPassword = /^https?:\/\/[^/?#]*@/i.test(path);
  return /^https?:\/\//i.test(path) && !hasPassword && header === undefined && download !== true;
}

/** How long to wait for a server before the page asks it itself, in milliseconds. */
const SERVER_TIMEOUT = 5_000;

/** Throws NotFoundError; other errors are left to the browser, which may be allowed to read what this command is not. */
async function refuseMissing(address: string, signal: AbortSignal): Promise<void> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(SERVER_TIMEOUT)]);
    await (await openPath(address, { formats, signal: limited })).close();
  } catch (error) {
    signal.throwIfAborted();
    if (isOzxError(error, "NotFound")) throw error;
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port takes a number from 0 to 65535, not ${text}`);
}
