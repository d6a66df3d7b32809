import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { styled } from "./terminal/output.js";
import { examples, exitCodes, helpText } from "./terminal/text-layout.js";
import { adviseOnUsage } from "./terminal/usage-advice.js";

/** A command of `ozx`. Its module is loaded when it is used, so that `--version` and `--help` load little. */
interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Its options and arguments in the list of commands; the same as in its own help. */
  readonly usage: string;
  /** Loads what adds the description, arguments, options and action. */
  readonly load: () => Promise<(command: Command) => Command>;
}

const VERBS: readonly Verb[] = [
  {
    name: "convert",
    summary: "pack a folder or a TIFF into an .ozx, unpack an .ozx, or rewrite a zip as an .ozx",
    usage: "[options] [input] [output]",
    load: async () => (await import("./commands/convert.js")).defineConvert,
  },
  {
    name: "plan",
    summary: "divide a conversion into parts that many jobs run",
    usage: "[options] <input> <output>",
    load: async () => (await import("./commands/plan.js")).definePlan,
  },
  {
    name: "run",
    summary: "run one part of a plan, as a task of an array of jobs",
    usage: "[options] <plan>",
    load: async () => (await import("./commands/run.js")).defineRun,
  },
  {
    name: "finish",
    summary: "complete the output of a plan when all parts have run",
    usage: "[options] <plan>",
    load: async () => (await import("./commands/finish.js")).defineFinish,
  },
  {
    name: "merge",
    summary: "put images or wells that were made apart into one plate or collection",
    usage: "[options] <inputs...> <output>",
    load: async () => (await import("./commands/merge.js")).defineMerge,
  },
  {
    name: "info",
    summary: "show what an image, a plate or an archive contains",
    usage: "[options] <paths...>",
    load: async () => (await import("./commands/info.js")).defineInfo,
  },
  {
    name: "ls",
    summary: "list the keys of a folder or archive",
    usage: "[options] <file> [prefix]",
    load: async () => (await import("./commands/ls.js")).defineLs,
  },
  {
    name: "cat",
    summary: "write one value of a folder or archive to the standard output",
    usage: "[options] <file> <key>",
    load: async () => (await import("./commands/cat.js")).defineCat,
  },
  {
    name: "validate",
    summary: "check an image and its archive against RFC-9, Zarr and OME-Zarr",
    usage: "[options] <paths...>",
    load: async () => (await import("./commands/validate.js")).defineValidate,
  },
  {
    name: "verify",
    summary: "compare the pixels and metadata of two images",
    usage: "[options] <one> <other>",
    load: async () => (await import("./commands/verify.js")).defineVerify,
  },
  {
    name: "view",
    summary: "open an image in the browser",
    usage: "[options] <path>",
    load: async () => (await import("./commands/view.js")).defineView,
  },
  {
    name: "thumbnail",
    summary: "draw a small picture of an image as PNG",
    usage: "[options] <path> <output>",
    load: async () => (await import("./commands/thumbnail.js")).defineThumbnail,
  },
  {
    name: "register",
    summary: "make the desktop open .ozx files, and show thumbnails",
    usage: "[options]",
    load: async () => (await import("./commands/register.js")).defineRegister,
  },
  {
    name: "fix",
    summary: "repair an archive: comment, order, ZIP64, compression",
    usage: "[options] <file>",
    load: async () => (await import("./commands/fix.js")).defineFix,
  },
];

/** The command that the arguments are for, also in `help convert`; it need not exist. */
export function verbIn(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  return first === "help" ? second : first;
}

/**
 * The whole command line.
 *
 * @param verb the command to load; only the name and summary of the others are known
 * @returns the program, and whether `verb` is one of its commands
 */
export async function createProgram(
  verb: string | undefined,
): Promise<{ readonly program: Command; readonly isLoaded: boolean }> {
  const program = new Command("ozx")
    .description("Packs, unpacks, checks and shows OME-Zarr in one .ozx file (RFC-9 zipped OME-Zarr).")
    .version(versionLine(), "-V, --version", "print the version")
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .configureOutput({
      outputError: (text, write) =>
        write(`${styled("red", "ozx:", process.stderr)} ${adviseOnUsage(text, verb)}\n`),
    })
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx convert image.zarr image.ozx", "pack a folder into one file"],
          ["ozx convert image.ozx image.zarr", "unpack it"],
          ["ozx info -v image.ozx", "its contents, and whether it follows RFC-9"],
          ["ozx view image.ozx", "open it in the browser"],
          ["ozx validate --deep image.ozx", "check all of it against the specifications"],
          ["ozx fix image.ozx", "repair its comment, order and ZIP64 records"],
        ]),
        exitCodes([
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
        ]),
      ),
    );
  for (const { name, summary, usage, load } of VERBS) {
    const command = new Command(name).summary(summary);
    // Commander hands its settings down only to commands that it creates itself.
    program.addCommand(command.copyInheritedSettings(program));
    if (name === verb) await loadVerb(command, load);
    else command.usage(usage);
  }
  return { program, isLoaded: VERBS.some(({ name }) => name === verb) };
}

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

/** Whether there is a command of this name; `help` is one. */
export function isVerb(name: string): boolean {
  return name === "help" || VERBS.some((verb) => verb.name === name);
}

/** What to use in place of a command that other programs have; undefined where nothing is known. */
export function replacementFor(verb: string | undefined): string | undefined {
  return verb === undefined ? undefined : REPLACEMENTS.get(verb);
}

const PACKS = '"ozx convert image.zarr image.ozx" packs a folder into one file';
const UNPACKS = '"ozx convert image.ozx image.zarr" unpacks it';
const LISTS = '"ozx ls image.ozx" lists its contents';
const CHECKS = '"ozx validate image.ozx" checks it';
const COMPARES = '"ozx verify image.zarr image.ozx" compares two images';
const MERGES = '"ozx merge wells/*.ozx plate.ozx" puts images into one plate or collection';

const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ...["pack", "zip", "create", "add"].map((verb) => [verb, PACKS] as const),
  ...["unpack", "unzip", "extract"].map((verb) => [verb, UNPACKS] as const),
  ...["list", "tree"].map((verb) => [verb, LISTS] as const),
  ...["check", "test", "lint"].map((verb) => [verb, CHECKS] as const),
  ...["compare", "diff"].map((verb) => [verb, COMPARES] as const),
  ...["join", "combine", "concat"].map((verb) => [verb, MERGES] as const),
  ["repair", '"ozx fix image.ozx" repairs it'],
  ["show", '"ozx view image.ozx" opens it in the browser, "ozx info image.ozx" shows what it contains'],
  ["open", '"ozx view image.ozx" opens it in the browser'],
  ["version", '"ozx --version" prints the version'],
]);
