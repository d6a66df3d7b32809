import { createRequire } from "node:module";
import { Command } from "commander";
import { catCommand } from "./commands/cat.js";
import { convertCommand } from "./commands/convert.js";
import { fixCommand } from "./commands/fix.js";
import { withHttpOptions } from "./commands/http-options.js";
import { infoCommand } from "./commands/info.js";
import { lsCommand } from "./commands/ls.js";
import { refuseTwice } from "./commands/refuse-twice.js";
import { validateCommand } from "./commands/validate.js";
import { verifyCommand } from "./commands/verify.js";
import { viewCommand } from "./commands/view.js";
import { examples, exitCodes, helpText } from "./terminal/help-text.js";
import { styled } from "./terminal/output.js";

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("ozx")
    .description("OME-Zarr in one file: packs, unpacks and shows .ozx (RFC-9 zipped OME-Zarr).")
    .version(versionLine(), "-V, --version", "print the version")
    .showHelpAfterError("(add --help for what it can do)")
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, styled("red", "ozx:", process.stderr))),
    })
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx convert image.zarr image.ozx", "pack a folder into one file"],
          ["ozx convert image.ozx image.zarr", "unpack it again"],
          ["ozx info -v image.ozx", "what is in it, and does it follow RFC-9"],
          ["ozx view image.ozx", "look at it in the browser"],
          ["ozx validate --deep image.ozx", "does all of it follow the specifications"],
          ["ozx fix image.ozx", "mend its comment, order and ZIP64 records"],
        ]),
        exitCodes([
          "0 done",
          "1 not valid, not the same",
          "2 wrong use",
          "3 input missing or unreadable",
          "4 input damaged or no OME-Zarr",
          "5 not supported",
          "6 output exists",
          "7 server not reached",
          "70 a fault of ozx",
          "74 output cannot be written",
          "75 input changed, try again",
          "129, 130, 143 interrupted",
        ]),
      ),
    );
  const reading = [
    convertCommand(),
    infoCommand(),
    lsCommand(),
    catCommand(),
    validateCommand(),
    verifyCommand(),
    viewCommand(),
  ];
  for (const command of [...reading.map(withHttpOptions), fixCommand()]) {
    refuseTwice(command);
    program.addCommand(inherit(command, program));
  }
  return program;
}

/** Settings are only handed down to subcommands that commander makes itself. */
function inherit(command: Command, program: Command): Command {
  const isConvert = command.name() === "convert";
  // It counts its paths itself, and says how several are converted.
  return command.copyInheritedSettings(program).allowExcessArguments(isConvert);
}

function versionLine(): string {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  return `ozx ${version} (node ${process.version})`;
}
