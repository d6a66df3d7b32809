import { existsSync } from "node:fs";
import { CommanderError } from "commander";
import { createProgram, verbIn } from "./program.js";
import { EXIT } from "./terminal/exit-codes.js";
import { abortRunning, InterruptedError } from "./terminal/interruption.js";
import { createOutput, isStdoutClaimed } from "./terminal/output.js";
import { adviseOnUsage } from "./terminal/usage-advice.js";
import { isVerb, replacementFor } from "./verbs.js";

/** What a program that holds all of ozx in one file brings with it. */
export interface Embedded {
  /** Loads the files of the page of `ozx view`, by paths such as `assets/index.js`. */
  readonly page: () => Promise<ReadonlyMap<string, Uint8Array>>;
}

/** Runs the command line and sets the exit code of the process. */
export async function main(argv: readonly string[], embedded?: Embedded): Promise<void> {
  handleProcessErrors();
  if (embedded !== undefined) await usePage(embedded.page);
  const args = await withVerb(argv.slice(2));
  const verb = verbIn(args);
  const replacement = replacementFor(verb);
  if (replacement !== undefined) {
    createOutput().error(`there is no ozx ${verb}: ${replacement}`);
    process.exitCode = EXIT.usage;
    return;
  }
  if (args[0] === "help" && verb !== undefined && !isVerb(verb)) {
    createOutput().error(adviseOnUsage(`unknown command '${verb}'`, verb));
    process.exitCode = EXIT.usage;
    return;
  }
  try {
    const { program, isLoaded } = await createProgram(verb);
    await program.parseAsync(isLoaded ? await resolveFileAddresses(args) : args, { from: "user" });
  } catch (error) {
    const code = await report(error);
    // Nobody may read what is still to be written, as on a pipe that is stuck, and Node would wait for that.
    if (error instanceof InterruptedError && process.stdout.writableLength > 0) process.exit(code);
    process.exitCode = code;
  }
}

async function usePage(load: Embedded["page"]): Promise<void> {
  const { embedPage } = await import("./view/page-files.js");
  embedPage(async () => {
    const files = await load();
    return { find: async (name) => files.get(name) };
  });
}

/** The arguments with `info` before a path that stands alone, as in `ozx image.ozx`. */
async function withVerb(args: readonly string[]): Promise<readonly string[]> {
  const [first] = args;
  if (first === undefined || first.startsWith("-")) return args;
  if (isVerb(first) || replacementFor(first) !== undefined) return args;
  if (/^[a-z0-9+]+:\/\/|[/\\]/i.test(first) || existsSync(first)) return ["info", ...args];
  const { hasImageSuffix } = await import("@ozx/core/internal");
  return hasImageSuffix(first) ? ["info", ...args] : args;
}

/** Says what became of the standard streams and of errors that nobody caught. */
function handleProcessErrors(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A command that writes an archive there reports itself that it could not be finished.
    if (isStdoutClaimed()) return;
    // A reader that has seen enough (`| head`) closes the pipe: not an error.
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    createOutput().error(`the standard output cannot be written: ${error.message}`);
    process.exit(EXIT.output);
  });
  // Nobody reads the messages any more (`2>&1 | head`): the work continues, and its exit code is its result.
  process.stderr.on("error", () => {});
  // Node's own handling would leave partial outputs behind, and its exit code 1 would mean "not valid" or "different".
  process.on("uncaughtException", (error) => {
    if (!abortRunning(error)) report(error).then((code) => process.exit(code));
  });
}

/** Prints an error, and returns its exit code. What prints it is loaded now: `--help` does not need it. */
async function report(error: unknown): Promise<number> {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const printing = await import("./terminal/report-error.js").catch(() => undefined);
  if (printing !== undefined) return printing.reportError(error);
  const message = error instanceof Error ? error.message : error;
  createOutput().error(`${message}. The files of ozx were replaced or removed while it ran: start it again`);
  return EXIT.internal;
}

async function resolveFileAddresses(argv: readonly string[]): Promise<string[]> {
  const { pathOrAddress } = await import("@ozx/core/internal/node");
  return argv.map(pathOrAddress);
}
