import { type Command, Help } from "commander";
import { terminalWidth, textWidth, wrap } from "./text-layout.js";

/** A command line, and what it does. */
export type Example = readonly [command: string, what?: string];

/** What the help of a command has below its options, and its manual. */
export interface HelpSections {
  readonly examples: readonly Example[];
  /** Paragraphs. */
  readonly notes?: readonly string[];
  /** Codes with their meanings, as in `0 success`. */
  readonly exitCodes?: readonly string[];
}

const SECTIONS = new WeakMap<Command, HelpSections>();

/** Adds the sections below the options to the help of a command. */
export function withHelp(command: Command, sections: HelpSections): Command {
  SECTIONS.set(command, sections);
  // The width of the terminal is asked when help is printed.
  return command.addHelpText("after", () => renderSections(sections, textWidth()));
}

/** The sections of a command; empty where it has none. */
export function sectionsOf(command: Command): HelpSections {
  return SECTIONS.get(command) ?? { examples: [] };
}

/** The sections with an empty line before each. */
function renderSections({ examples, exitCodes = [], notes = [] }: HelpSections, width: number): string {
  return [
    renderExamples(examples, width),
    ...(exitCodes.length === 0 ? [] : [renderExitCodes(exitCodes, width)]),
    ...notes.map((note) => wrap(note, { width })),
  ]
    .map((lines) => `\n${lines.join("\n")}`)
    .join("\n");
}

/** Examples with their explanations beside them if all fit, and otherwise above each. */
function renderExamples(list: readonly Example[], width: number): string[] {
  const widest = Math.max(...list.map(([command]) => command.length));
  const beside = list.map(([command, what]) =>
    what === undefined ? `  ${command}` : `  ${command.padEnd(widest)}  ${what}`,
  );
  if (beside.every(({ length }) => length <= width)) return ["Examples:", ...beside];
  const above = list.flatMap(([command, what]) => [
    ...(what === undefined ? [] : wrap(what, { width, indent: "  # " })),
    ...foldCommand(command, width),
  ]);
  return ["Examples:", ...above];
}

/** A command line in lines that a shell takes as one; quoted words stay whole. */
function foldCommand(command: string, width: number): string[] {
  const lines: string[] = [];
  let line = " ";
  for (const word of command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []) {
    if (line.trim() !== "" && line.length + word.length + 3 > width) {
      lines.push(`${line} \\`);
      line = "   ";
    }
    line = `${line} ${word}`;
  }
  const whole = `  ${command}`;
  return whole.length <= width ? [whole] : [...lines, line];
}

/** As many codes on a line as fit. */
function renderExitCodes(codes: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const code of codes) {
    const last = lines.at(-1);
    const joined = last === undefined ? undefined : `${last}  ${code}`;
    if (joined !== undefined && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(`  ${code}`);
  }
  const folded = lines.flatMap((line) => {
    if (line.length <= width) return [line];
    const [first = "", ...rest] = wrap(line.trim(), { width: width - 2 });
    return [`  ${first}`, ...rest.map((more) => `    ${more}`)];
  });
  return ["Exit codes:", ...folded];
}

/** The least width of a description beside its option; in a narrower terminal it stands below. */
const BESIDE = 38;
const USAGE = "Usage: ";

/** Makes the help of a command, and of those below it, as wide as the terminal, and readable in a narrow one. */
export function foldHelp(command: Command): Command {
  const plain = new Help();
  return command
    .configureOutput({
      getOutHelpWidth: () => textWidth(),
      getErrHelpWidth: () => Math.min(terminalWidth(process.stderr), 100),
    })
    .configureHelp({
      subcommandTerm: (one) => `${one.name()} ${one.usage()}`,
      commandUsage: (one) => {
        const lines = wrap(plain.commandUsage(one), { width: textWidth() - USAGE.length });
        return lines.join(`\n${" ".repeat(USAGE.length)}`);
      },
      formatItem: (term, termWidth, description) => {
        const width = textWidth();
        const left = termWidth + 4;
        if (width - left < BESIDE) {
          return [`  ${term}`, ...wrap(description, { width, indent: "      " })].join("\n");
        }
        const lines = wrap(description, { width: width - left });
        return `  ${term.padEnd(termWidth)}  ${lines.join(`\n${" ".repeat(left)}`)}`;
      },
    });
}
