import { EDIT_WORDS, OTHER_WORDS } from "./other-words.js";

/** What the option parser reports, as it starts its sentence. */
const UNKNOWN_OPTION = /^unknown option '(?<option>[^']*)'/;
const UNKNOWN_COMMAND = /^unknown command '(?<command>[^']*)'/;
const MISSING_ARGUMENT = /^missing required argument '(?<argument>[^']*)'/;
const MISSING_VALUE = /^option '(?:-\w, )?(?<lacking>--[\w-]+)[^']*' argument missing/;
const INVALID =
  /^(?:option '(?:-\w, )?(?<choosing>--[\w-]+)[^']*' argument|command-argument value) '(?<given>[^']*)' is invalid.*Allowed choices are (?<choices>.*?)\.$/;
const MISSING_OPTION = /^required option '(?:-\w, )?(?<needed>--[\w-]+)[^']*' not specified/;
const TOO_MANY = /^too many arguments(?: for '[^']*')?\. (?<counts>.*)$/m;
const SUGGESTION = /\(Did you mean (?<meant>.*?)\?\)/s;

/** What to type for each command that needs arguments. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ["convert", "ozx convert image.zarr image.ozx"],
  ["plan", "ozx plan plate.zarr plate.ozx --parts 8 -o plan.json"],
  ["run", "ozx run plan.json --part 0"],
  ["finish", "ozx finish plan.json"],
  ["merge", "ozx merge B/03.ozx B/04.ozx plate.ozx"],
  ["info", "ozx info image.ozx"],
  ["ls", "ozx ls image.ozx"],
  ["cat", "ozx cat image.ozx zarr.json"],
  ["validate", "ozx validate image.ozx"],
  ["verify", "ozx verify image.zarr image.ozx"],
  ["view", "ozx view image.ozx"],
  ["fix", "ozx fix image.ozx -o repaired.ozx"],
  ["salvage", "ozx salvage damaged.ozx saved.ozx"],
  ["append", "ozx append plate.ozx C/04.zarr"],
  ["edit", "ozx edit image.ozx --scale y=0.65,x=0.65"],
  ["thumbnail", "ozx thumbnail image.ozx image.png"],
  ["register", "ozx register"],
  ["completion", "ozx completion bash"],
  ["manual", "ozx manual | man -l -"],
]);

/** A value for each option that takes one. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ["--input", "image.zarr"],
  ["--output", "image.ozx"],
  ["--out-dir", "packed"],
  ["--as", "zarr"],
  ["--log", "log.jsonl"],
  ["--shard", "auto"],
  ["--codec", "zstd:5"],
  ["--chunks", "z=8,y=512,x=512"],
  ["--project", "z=max"],
  ["--dtype", "uint8"],
  ["--window", "0..4095"],
  ["--memory", "2GB"],
  ["--method", "mean"],
  ["--path", "B/03"],
  ["--levels", "1:"],
  ["--leave-out", "labels/cells"],
  ...["--t", "--c", "--z", "--y", "--x"].map((axis) => [axis, "0:10"] as const),
  ["--ome-zarr-version", "0.5"],
  ["--jobs", "4"],
  ["--axes", "t"],
  ["--header", "'Authorization: Bearer …'"],
  ["--max-metadata", "200MB"],
  ["--parts", "8"],
  ["--part", "0"],
  ["--layout", "layout.csv"],
  ["--name", "'My plate'"],
  ["--port", "8080"],
  ["--scale", "y=0.65,x=0.65"],
  ["--unit", "micrometer"],
  ["--channel", "0:name=DNA,color=00FFFF"],
  ["--rename-channel", "Actin=F-actin"],
  ["--drop-channel", "3"],
  ["--rename-well", "A/1=B/3"],
  ["--acquisition", "0:name=day1"],
  ["--from", "m.json"],
]);

/**
 * A complaint of the option parser as one sentence that ends with what to type next.
 *
 * @param complaint as the parser writes it, on one line or several
 * @param verb the command that was given; undefined where there is none
 */
export function adviseOnUsage(complaint: string, verb: string | undefined): string {
  const text = complaint.replace(/^error: /, "").trim();
  const known = EXAMPLES.has(verb ?? "") ? verb : undefined;
  const help = known === undefined ? "ozx --help" : `ozx ${known} --help`;
  const meant = nearWord(text);
  const { option } = UNKNOWN_OPTION.exec(text)?.groups ?? {};
  if (option !== undefined) {
    const word = option.replace(/^-+/, "").replace(/=.*$/s, "");
    const other = (known === "edit" ? EDIT_WORDS : OTHER_WORDS).get(word.toLowerCase());
    if (other !== undefined) return `there is no option ${option}: ${other}`;
    if (meant !== undefined) return `there is no option ${option}: did you mean ${meant}?`;
    return `there is no option ${option}: "${help}" lists all`;
  }
  const { command } = UNKNOWN_COMMAND.exec(text)?.groups ?? {};
  if (command !== undefined) {
    const small = command.toLowerCase();
    if (EXAMPLES.has(small)) return `there is no command ${command}: did you mean ${small}?`;
    return `there is no command ${command}: ${meant === undefined ? '"ozx --help" lists all' : `did you mean ${meant}?`}`;
  }
  const { argument } = MISSING_ARGUMENT.exec(text)?.groups ?? {};
  if (argument !== undefined) {
    const isMerge = known === "merge";
    return `${known ?? "ozx"} needs ${isMerge ? "inputs and an output" : (ARGUMENTS.get(argument) ?? `its argument ${argument}`)}, as in "${EXAMPLES.get(known ?? "") ?? help}"`;
  }
  const { lacking } = MISSING_VALUE.exec(text)?.groups ?? {};
  if (lacking !== undefined) {
    const value = VALUES.get(lacking);
    return `${lacking} needs a value${value === undefined ? `: "${help}" says which` : `, as in "${lacking} ${value}"`}`;
  }
  const { choosing, given, choices } = INVALID.exec(text)?.groups ?? {};
  if (choices !== undefined) {
    const alternatives = choices.replace(/, ([^,]*)$/, " or $1");
    return `${choosing ?? known ?? "ozx"} takes ${alternatives}, not ${given}`;
  }
  const { needed } = MISSING_OPTION.exec(text)?.groups ?? {};
  if (needed !== undefined)
    return `${known ?? "ozx"} needs ${needed}, as in "${EXAMPLES.get(known ?? "") ?? help}"`;
  const { counts } = TOO_MANY.exec(text)?.groups ?? {};
  if (counts !== undefined) {
    const example = EXAMPLES.get(known ?? "");
    return `too many arguments: ${counts.replace(/\.$/, "").replace(/^Expected/, "expected")}${example === undefined ? "" : `, as in "${example}"`}`;
  }
  return `${text.replaceAll("\n", " ").replace(/\.$/, "")}; see "${help}"`;
}

/** What the arguments of commands are, by their names. */
const ARGUMENTS: ReadonlyMap<string, string> = new Map([
  ["path", "a file or folder"],
  ["target", "a file or folder"],
  ["paths", "a file or folder"],
  ["file", "a file"],
  ["input", "an input"],
  ["output", "an output"],
  ["plan", "the file of a plan"],
  ["damaged", "a damaged archive"],
  ["key", "the key of a value"],
  ["one", "two images"],
  ["other", "a second image"],
  ["shell", "the name of a shell"],
]);

/** The word that the parser suggests, if it is one that was probably meant: it also suggests others. */
function nearWord(complaint: string): string | undefined {
  const { meant } = SUGGESTION.exec(complaint)?.groups ?? {};
  const [, written = ""] = /'([^']*)'/.exec(complaint) ?? [];
  const words = meant?.replace(/^one of /, "").split(", ") ?? [];
  const most = written.replace(/^-+/, "").length > 5 ? 2 : 1;
  return words.find((word) => distance(written.toLowerCase(), word) <= most);
}

/** The number of letters that are missing, added, different or swapped. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const [above = [], before = []] = [rows[i - 1], rows[i - 2]];
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + change,
        isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
