import { createRequire } from "node:module";
import { redactAddress, UsageError } from "@ozx/core";
import { Command, type Option } from "commander";
import { catCommand } from "./commands/cat.js";
import { convertCommand } from "./commands/convert.js";
import { fixCommand } from "./commands/fix.js";
import { infoCommand } from "./commands/info.js";
import { lsCommand } from "./commands/ls.js";
import { validateCommand } from "./commands/validate.js";
import { verifyCommand } from "./commands/verify.js";
import { viewCommand } from "./commands/view.js";
import { withHttpOptions } from "./options/http-options.js";
import { styled } from "./terminal/output.js";
import { examples, exitCodes, helpText } from "./terminal/text-layout.js";

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
    rejectRepeatedOptions(command);
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

/** Throws `UsageError` for a verb of other programs, with ours that does the same. */
export function rejectOtherVerb(verb: string | undefined): void {
  const instead = verb === undefined ? undefined : INSTEAD.get(verb);
  if (instead !== undefined) throw new UsageError(`there is no ozx ${verb}: ${instead}`);
}

const PACKS = '"ozx convert image.zarr image.ozx" packs a folder into one file';
const UNPACKS = '"ozx convert image.ozx image.zarr" unpacks it';
const LISTS = '"ozx ls image.ozx" lists what is in it';
const CHECKS = '"ozx validate image.ozx" checks it';

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ...["pack", "zip", "create", "add"].map((verb) => [verb, PACKS] as const),
  ...["unpack", "unzip", "extract"].map((verb) => [verb, UNPACKS] as const),
  ...["list", "tree"].map((verb) => [verb, LISTS] as const),
  ...["check", "test", "lint"].map((verb) => [verb, CHECKS] as const),
  ["compare", '"ozx verify image.zarr image.ozx" compares two'],
  ["diff", '"ozx verify image.zarr image.ozx" compares two'],
  ["repair", '"ozx fix image.ozx" mends it'],
  ["show", '"ozx view image.ozx" shows it in the browser, "ozx info image.ozx" says what is in it'],
  ["open", '"ozx view image.ozx" shows it in the browser'],
  ["version", '"ozx --version" prints the version'],
]);

/**
 * Refuses options that take one value and are given twice: commander would take the last and drop the others without
 * a word, and which one was meant is not known.
 */
export function rejectRepeatedOptions(command: Command): void {
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    if (!takesValue || option.variadic || REPEATED.has(option.name())) continue;
    let earlier: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (earlier !== undefined) throw givenTwice(option, earlier, value);
      earlier = value;
    });
  }
}

/** Options that gather what they are given. */
const REPEATED: ReadonlySet<string> = new Set(["header", "leave-out"]);

function givenTwice({ long }: Option, earlier: string, value: string): UsageError {
  const hint = RANGES.has(long ?? "") ? "; neighbours are one range, as in 0:2" : "";
  return new UsageError(
    `${long} is given twice, as ${redactAddress(earlier)} and ${redactAddress(value)}, and takes one value${hint}`,
  );
}

const RANGES: ReadonlySet<string> = new Set(["--t", "--c", "--z", "--y", "--x", "--levels"]);
