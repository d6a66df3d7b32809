import type { Command } from "commander";

/** A command of `ozx`. Its module is loaded when it is used, so that `--version` and `--help` load little. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Its options and arguments in the list of commands; the same as in its own help. */
  readonly usage: string;
  /** Not for people. */
  readonly isHidden?: true;
  /** It describes all commands, which are loaded with it. */
  readonly describesAll?: true;
  /** Loads what adds the description, arguments, options and action. */
  readonly load: () => Promise<(command: Command) => Command>;
}

export const VERBS: readonly Verb[] = [
  {
    name: "convert",
    summary: "pack a folder, TIFF, CZI, ND2 or LIF into an .ozx, unpack an .ozx, or rewrite a zip as an .ozx",
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
    name: "append",
    summary: "add images to a plate, collection or time series in place",
    usage: "[options] <target> <paths...>",
    load: async () => (await import("./commands/append.js")).defineAppend,
  },
  {
    name: "edit",
    summary: "change scale, units, names, channels and wells in place",
    usage: "[options] <target>",
    load: async () => (await import("./commands/edit.js")).defineEdit,
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
    usage: "[options] <path> [output]",
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
  {
    name: "salvage",
    summary: "write what can be read of a damaged archive into a new one",
    usage: "[options] <damaged> [output]",
    load: async () => (await import("./commands/salvage.js")).defineSalvage,
  },
  {
    name: "completion",
    summary: "print a script that completes commands, options and files in your shell",
    usage: "[options] <shell>",
    describesAll: true,
    load: async () => (await import("./commands/completion.js")).defineCompletion,
  },
  {
    name: "manual",
    summary: "print the manual page, for man",
    usage: "[options]",
    describesAll: true,
    load: async () => (await import("./commands/manual.js")).defineManual,
  },
  {
    name: "complete",
    summary: "list what an option may take, for completion scripts",
    usage: "<part> [words...]",
    isHidden: true,
    load: async () => (await import("./commands/complete.js")).defineComplete,
  },
];

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

const EDITS = '"ozx edit image.ozx --scale y=0.65,x=0.65" changes metadata in place';

const APPENDS = '"ozx append plate.ozx field.ozx --well B/4" adds an image to a plate or collection';

const SHOWS = '"ozx info image.ozx" shows what it contains';
const SHARDS =
  '"ozx convert image.zarr image.ozx --shard auto" groups chunks into fewer entries; they keep their shape';
const CHUNKS = '"ozx convert image.zarr image.ozx --chunks y=512,x=512" gives it other chunks';
const TAKES = '"ozx convert image.ozx part.ozx --c 1 --z 0:2" takes a part, --path B/03 a well';
const VIEWS = '"ozx view image.ozx" opens it in the browser';

const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ...["pack", "zip", "create"].map((verb) => [verb, PACKS] as const),
  ...["unpack", "unzip", "extract", "export"].map((verb) => [verb, UNPACKS] as const),
  ...["list", "tree"].map((verb) => [verb, LISTS] as const),
  ...["check", "test", "lint"].map((verb) => [verb, CHECKS] as const),
  ...["compare", "diff"].map((verb) => [verb, COMPARES] as const),
  ...["join", "combine", "concat"].map((verb) => [verb, MERGES] as const),
  ...["inspect", "describe", "stat", "metadata", "summary"].map((verb) => [verb, SHOWS] as const),
  ...["shard", "reshard"].map((verb) => [verb, SHARDS] as const),
  ...["rechunk", "chunk"].map((verb) => [verb, CHUNKS] as const),
  ...["project", "mip"].map(
    (verb) => [verb, '"ozx convert image.ozx mip.ozx --project z=max" projects it along z'] as const,
  ),
  ...["crop", "slice", "subset", "split", "select"].map((verb) => [verb, TAKES] as const),
  ...["open", "serve", "display"].map((verb) => [verb, VIEWS] as const),
  ...["compress", "recompress"].map(
    (verb) => [verb, '"ozx convert image.zarr image.ozx --codec zstd:5" recompresses chunks'] as const,
  ),
  ...["pyramid", "downsample"].map(
    (verb) => [verb, '"ozx convert image.zarr image.ozx --pyramid" adds lower-resolution levels'] as const,
  ),
  ...["upgrade", "downgrade", "migrate"].map(
    (verb) =>
      [verb, '"ozx convert old.zarr new.zarr --ome-zarr-version 0.5" writes another version'] as const,
  ),
  ...["copy", "cp"].map((verb) => [verb, '"ozx convert image.ozx copy.ozx" copies it'] as const),
  ...["rm", "remove", "delete"].map(
    (verb) => [verb, '"ozx convert image.ozx less.ozx --leave-out labels/cells" leaves a node out'] as const,
  ),
  ...["set", "set-scale", "update", "rename", "rename-wells", "modify"].map((verb) => [verb, EDITS] as const),
  ["undo", '"ozx edit image.ozx --undo" restores the metadata before the last edit'],
  ["add", APPENDS],
  ["import", '"ozx convert scan.ome.tif scan.ozx" makes an .ozx of a TIFF'],
  ["upload", '"ozx convert image.zarr s3://bucket/image.ozx" uploads it'],
  ["download", '"ozx convert https://example.org/image.ozx image.ozx" downloads it'],
  ["du", '"ozx ls -l image.ozx" lists the sizes'],
  ["head", '"ozx cat image.ozx zarr.json" prints one value'],
  ["repair", '"ozx fix image.ozx" repairs it'],
  ...["recover", "rescue"].map(
    (verb) => [verb, '"ozx salvage damaged.ozx saved.ozx" writes what can be read into a new one'] as const,
  ),
  ["show", `${VIEWS}, ${SHOWS}`],
  ["version", '"ozx --version" prints the version'],
]);
