import { isOzxError, UsageError } from "@ozx/core";
import { isAddress, openPath } from "@ozx/core/node";
import { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions } from "../options/http-options.js";
import { InterruptedError, interruptible } from "../terminal/exit.js";
import { createOutput } from "../terminal/output.js";
import { examples, helpText } from "../terminal/text-layout.js";
import { openRemoteSource } from "../view/remote-source.js";
import { openBrowser, pageFolder, startViewServer } from "../view/view-server.js";

interface ViewFlags extends HttpFlags {
  readonly open: boolean;
  readonly port?: number;
}

export function viewCommand(): Command {
  return new Command("view")
    .summary("look at an image in the browser")
    .description(
      "Shows an image, its metadata and its archive in the browser, until Ctrl-C. The page is served to this computer only, below an address that nobody can guess, and nothing is uploaded.",
    )
    .argument("<path>", "an OME-Zarr folder, an .ozx or a zip, or an address of one")
    .option("--no-open", "only print the address")
    .option("-p, --port <number>", "the port to serve at; any that is free by default", parsePort)
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx view image.ozx"],
          ["ozx view --no-open image.zarr", "print the address, to open it yourself"],
          ["ozx view https://example.org/image.ozx"],
          ["ozx view s3://bucket/image.ozx", "with your credentials for it, which the page does not see"],
        ]),
      ),
    )
    .action(async (path: string, flags: ViewFlags) => {
      await interruptible((signal) => view(path, flags, signal)).catch((error: unknown) => {
        // Ctrl-C is how it ends, and no interruption of anything.
        if (!(error instanceof InterruptedError)) throw error;
      });
    });
}

async function view(path: string, { open, port, ...flags }: ViewFlags, signal: AbortSignal): Promise<void> {
  const page = pageFolder();
  const out = createOutput();
  const byPage = isReadByPage(path, flags);
  await using remote =
    isAddress(path) && !byPage ? await openRemoteSource(path, httpOptions(flags, [path]), signal) : undefined;
  // What cannot be opened at all is better said here than in the browser.
  if (byPage) await refuseMissing(path, signal);
  else if (remote === undefined) await (await openPath(path, { formats, signal })).close();
  await using server = await startViewServer({
    page,
    port,
    remote,
    path: isAddress(path) ? undefined : path,
    onError: (error) => out.note(error instanceof Error ? error.message : String(error)),
  });
  const source = server.sourceUrl ?? path;
  const url = `${server.url}?source=${encodeURIComponent(source)}`;
  out.data(url);
  if (process.env["SSH_CONNECTION"]) out.note(overSsh(url));
  // It may be long until it is known.
  if (open) {
    void openBrowser(url).then((isOpen) => {
      if (!isOpen) out.note("No browser could be opened from here: open the address yourself.");
    });
  }
  out.note("Ctrl-C ends it.");
  await new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason);
  });
}

/** The browser of whoever is logged in is on another computer. */
function overSsh(url: string): string {
  const { port } = new URL(url);
  return `Over ssh: "ssh -L ${port}:127.0.0.1:${port}" to this computer from yours, and then open the address there.`;
}

/** Whether the browser asks the server itself: where nothing has to be sent along that it does not have. */
function isReadByPage(path: string, { header, download }: HttpFlags): boolean {
  const hasPassword = /^https?:\/\/[^/?#]*@/i.test(path);
  return /^https?:\/\//i.test(path) && !hasPassword && header === undefined && download !== true;
}

/** How long a server is waited for before the page asks it itself, in milliseconds. */
const SERVER_TIMEOUT = 5_000;

/** Throws NotFoundError; all else is the browser's to see, which may be allowed to read what this command is not. */
async function refuseMissing(address: string, signal: AbortSignal): Promise<void> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(SERVER_TIMEOUT)]);
    await (await openPath(address, { formats, signal: patience })).close();
  } catch (error) {
    signal.throwIfAborted();
    if (isOzxError(error, "NotFound")) throw error;
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port is a number from 0 to 65535, not ${text}`);
}
