import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { foldHelp, type HelpSections, withHelp } from "./terminal/help-layout.js";
import { styled } from "./terminal/output.js";
import { adviseOnUsage } from "./terminal/usage-advice.js";
import { VERBS, type Verb } from "./verbs.js";

/** The command that the arguments are for, also in `help convert`; it need not exist. */
export function verbIn(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  return first === "help" ? second : first;
}

/**
 * The whole command line.
 *
 * @param verb the command to load; only the name and summary of the others are known, unless it describes all
 * @returns the program, and whether `verb` is one of its commands
 */
export async function createProgram(
  verb: string | undefined,
): Promise<{ readonly program: Command; readonly isLoaded: boolean }> {
  const program = new Command("ozx")
    .description("Packs, unpacks, checks and shows OME-Zarr in one .ozx file (RFC-9 zipped OME-Zarr).")
    .version(versionLine(), "-V, --version", "print the version")
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`${styled("red", "ozx:", process.stderr)} ${adviseOnUsage(text, verb)}\n`),
    });
  withHelp(foldHelp(program), HELP);
  const describesAll = VERBS.some((one) => one.name === verb && one.describesAll);
  for (const { name, summary, usage, load, isHidden } of VERBS) {
    const command = new Command(name).summary(summary);
    // Commander hands its settings down only to commands that it creates itself.
    program.addCommand(command.copyInheritedSettings(program), { hidden: isHidden ?? false });
    if (name === verb || describesAll) await loadVerb(command, load);
    else command.usage(usage);
  }
  return { program, isLoaded: VERBS.some(({ name }) => name === verb) };
}

const HELP: HelpSections = {
  examples: [
    ["ozx convert image.zarr image.ozx", "pack a folder into one file"],
    ["ozx convert image.ozx image.zarr", "unpack it"],
    ["ozx info -v image.ozx", "its contents, and whether it follows RFC-9"],
    ["ozx view image.ozx", "open it in the browser"],
    ["ozx validate --deep image.ozx", "check all of it against the specifications"],
    ["ozx fix image.ozx", "repair its comment, order and ZIP64 records"],
  ],
  exitCodes: [
    "0 success",
    "1 not valid, or different",
    "2 wrong usage",
    "3 input missing or unreadable",
    "4 input damaged or not OME-Zarr",
    "5 not supported",
    "6 output exists",
    "7 server unreachable",
    "70 internal error",
    "74 output cannot be written",
    "75 input changed, try again",
    "129, 130, 143 interrupted",
  ],
};

async function loadVerb(command: Command, load: Verb["load"]): Promise<void> {
  const [define, { rejectRepeatedOptions }] = await Promise.all([
    load(),
    import("./options/repeated-options.js"),
  ]);
  rejectRepeatedOptions(define(command.allowExcessArguments(false)));
}

function versionLine(): string {
  const { bun, deno } = process.versions;
  // Both say which version of Node they are like as well.
  const runtime = bun ? `bun ${bun}` : deno ? `deno ${deno}` : `node ${process.version}`;
  return `ozx ${manifest.version} (${runtime})`;
}
