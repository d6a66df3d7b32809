import type { CommandDescription, OptionDescription, ProgramDescription } from "./describe-program.js";
import type { ValueKind } from "./value-kinds.js";

/** A script for fish 3. */
export function fishScript({ name, options, commands }: ProgramDescription): string {
  const atStart = `complete -c ${name} -n __fish_use_subcommand`;
  const lines = [
    ...options.map((option) => `${atStart} ${fishOption(option)}`),
    ...commands.map((command) => `${atStart} -a ${command.name} -d ${quote(command.summary)}`),
    `${atStart} -a help -d 'show the help of a command'`,
    `complete -c ${name} -n '__fish_seen_subcommand_from help' -f -a ${quote(commands.map((command) => command.name).join(" "))}`,
    ...commands.flatMap((command) => fishCommand(name, command)),
  ];
  return `# fish completion for ${name}; made by: ${name} completion fish
# What of the image on the line there is, with what it is for a person.
function __${name}_image
    set -l words (commandline -opc)
    ${name} complete $argv[1] -- $words[3..] 2>/dev/null
end

${lines.join("\n")}
`;
}

function fishCommand(program: string, command: CommandDescription): string[] {
  const within = `complete -c ${program} -n '__fish_seen_subcommand_from ${command.name}'`;
  const special = command.arguments.filter(({ value }) => value.kind !== "file");
  return [
    ...special.map(({ value }) => `${within}${value.kind === "words" ? " -f" : ""} -a ${listOf(value)}`),
    ...command.options.map((option) => `${within} ${fishOption(option)}`),
  ];
}

function fishOption({ short, long, description, value }: OptionDescription): string {
  const flags = `${short === undefined ? "" : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  return [flags, ...(value === undefined ? [] : [takes(value)]), "-d", quote(description)].join(" ");
}

function takes(value: ValueKind): string {
  switch (value.kind) {
    case "file":
      return "-r";
    case "none":
      return "-x";
    default:
      return `-x -a ${listOf(value)}`;
  }
}

function listOf(value: ValueKind): string {
  if (value.kind === "words") return quote(value.words.join(" "));
  return value.kind === "image"
    ? quote(`(__ozx_image ${value.part})`)
    : quote("(__fish_complete_directories)");
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
