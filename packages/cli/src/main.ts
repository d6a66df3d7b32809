import { isOzxError } from "@ozx/core";
import { pathOrAddress } from "@ozx/core/node";
import { CommanderError } from "commander";
import { writesToPipe } from "./options/transfer-options.js";
import { createProgram, rejectOtherVerb } from "./program.js";
import {
  EXIT,
  endRunning,
  exitCodeFor,
  formatError,
  InterruptedError,
  OutputDiffersError,
} from "./terminal/exit.js";
import { createOutput } from "./terminal/output.js";

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // What writes an archive there says itself that it could not be finished.
    const convert = program.commands.find((command) => command.name() === "convert");
    if (convert && writesToPipe(convert.args, convert.opts())) return;
    // A reader that has seen enough (`| head`) closes the pipe; that is no error.
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    createOutput().error(`the standard output cannot be written: ${error.message}`);
    process.exit(EXIT.output);
  });
  // Nobody reads what is told any more (`2>&1 | head`): the work goes on, and its exit code says how it ended.
  process.stderr.on("error", () => {});
  // Ended by Node itself it would leave its partial outputs behind, and say by 1 that two images differ.
  process.on("uncaughtException", (error) => {
    if (!endRunning(error)) process.exit(report(error));
  });
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    rejectOtherVerb(argv[2]);
    await program.parseAsync(argv.map(pathOrAddress));
  } catch (error) {
    const code = report(error);
    // Nobody reads what is left to be written (a pipe that stands still), and Node would wait until somebody does.
    if (error instanceof InterruptedError && process.stdout.writableLength > 0) process.exit(code);
    process.exitCode = code;
  }
}

function report(error: unknown): number {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const out = createOutput();
  if (error instanceof InterruptedError) out.error(["interrupted", error.aftermath ?? []].flat().join("; "));
  else if (error instanceof OutputDiffersError) out.error(error.message);
  else if (isOzxError(error)) out.error(formatError(error));
  else {
    out.error(`something went wrong that should not: ${error instanceof Error ? error.message : error}`);
    if (process.env["OZX_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    else process.stderr.write("Please report it, with what OZX_DEBUG=1 in the environment adds.\n");
  }
  return exitCodeFor(error);
}
