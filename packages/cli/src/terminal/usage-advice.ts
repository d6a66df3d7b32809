/** What the option parser reports, as it starts its sentence. */
const UNKNOWN_OPTION = /^unknown option '(?<option>[^']*)'/;
const UNKNOWN_COMMAND = /^unknown command '(?<command>[^']*)'/;
const MISSING_ARGUMENT = /^missing required argument '(?<argument>[^']*)'/;
const MISSING_VALUE = /^option '(?<flags>[^']*)' argument missing/;
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
  ["fix", "ozx fix image.ozx"],
]);

const SHAPES = '--shard groups chunks into fewer entries, as in "--shard auto"; chunks keep their shape';

/** Options of other programs, and what does the same here. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ...["overwrite", "replace", "clobber", "yes"].map((word) => [word, "--force replaces the output"] as const),
  ...["compression", "compressor", "compress", "compression-level"].map(
    (word) => [word, '--codec recompresses chunks, as in "--codec zstd:5"'] as const,
  ),
  ...["rechunk", "chunk", "chunks", "chunk-size", "tile-size", "tile-width", "tile-height"].map(
    (word) => [word, SHAPES] as const,
  ),
  ...["shards", "sharding", "shard-size"].map((word) => [word, SHAPES] as const),
  ...["threads", "workers", "num-workers", "max-workers", "max_workers", "processes", "cores"].map(
    (word) => [word, "--jobs sets how many threads work"] as const,
  ),
  ...["downsample", "resolutions", "multiscale", "build-pyramid"].map(
    (word) => [word, "--pyramid adds lower-resolution levels"] as const,
  ),
  ...["out", "input"].map(
    (word) => [word, "inputs and outputs are named without an option, as in the examples"] as const,
  ),
  ...["output-dir", "outdir", "output-folder"].map((word) => [word, "--out-dir takes the folder"] as const),
  ...["ngff-version", "zarr-format", "zarr-version", "ome-version"].map(
    (word) => [word, "--ome-zarr-version chooses 0.4, 0.5 or 0.6"] as const,
  ),
  ...["channel", "channels"].map((word) => [word, '--c takes positions, as in "--c 0:2"'] as const),
  ...["slice", "crop", "roi"].map(
    (word) => [word, "--t, --c, --z, --y and --x take a part, as in --z 0:10"] as const,
  ),
  ...["series", "field", "well"].map((word) => [word, "--path takes one node, as in --path B/03"] as const),
  ...["check", "verify-output"].map((word) => [word, "--verify compares the output with the input"] as const),
  ...["recursive", "r"].map((word) => [word, "folders are read completely without an option"] as const),
  ...["full", "all", "details", "tree"].map((word) => [word, "-v shows more"] as const),
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
  const meant = SUGGESTION.exec(text)?.groups?.["meant"];
  const { option } = UNKNOWN_OPTION.exec(text)?.groups ?? {};
  if (option !== undefined) {
    const word = option.replace(/^-+/, "").replace(/=.*$/s, "");
    const other = OTHER_WORDS.get(word.toLowerCase());
    if (other !== undefined) return `there is no option ${option}: ${other}`;
    if (meant !== undefined) return `there is no option ${option}: did you mean ${meant}?`;
    return `there is no option ${option}: "${help}" lists all`;
  }
  const { command } = UNKNOWN_COMMAND.exec(text)?.groups ?? {};
  if (command !== undefined) {
    return `there is no command ${command}: ${meant === undefined ? '"ozx --help" lists all' : `did you mean ${meant}?`}`;
  }
  const { argument } = MISSING_ARGUMENT.exec(text)?.groups ?? {};
  if (argument !== undefined) {
    return `${known ?? "ozx"} needs ${ARGUMENTS.get(argument) ?? `its argument ${argument}`}, as in "${EXAMPLES.get(known ?? "") ?? help}"`;
  }
  const { flags } = MISSING_VALUE.exec(text)?.groups ?? {};
  if (flags !== undefined) return `${flags} needs its value: "${help}" says which`;
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
  ["paths", "a file or folder"],
  ["file", "a file"],
  ["input", "an input"],
  ["output", "an output"],
  ["plan", "the file of a plan"],
  ["key", "the key of a value"],
  ["one", "two images"],
  ["other", "a second image"],
]);
