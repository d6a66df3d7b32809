import type { Example } from "../terminal/help-layout.js";
import { wrap } from "../terminal/text-layout.js";
import type { CommandDescription, OptionDescription, ProgramDescription } from "./describe-program.js";

/** The manual page `ozx(1)` in the macros of man(7), for `man`, mandoc and groff. */
export function manualPage({ name, description, options, commands, help }: ProgramDescription): string {
  const { examples, exitCodes = [] } = help;
  return [
    `.\\" Made by: ${name} manual`,
    `.TH ${name.toUpperCase()} 1`,
    ".SH NAME",
    `${name} \\- ${line(lead(description))}`,
    ".SH SYNOPSIS",
    ...commands.flatMap(({ name: verb, usage }) => [`.B ${name} ${verb}`, text(usage), ".br"]).slice(0, -1),
    ".SH DESCRIPTION",
    text(description),
    text("The type of an input is detected from its contents, that of an output from its name."),
    ".SH OPTIONS",
    ...options.flatMap(optionLines),
    ".SH COMMANDS",
    ...commands.flatMap((command) => commandLines(name, command)),
    ".SH EXIT STATUS",
    ...exitCodes.flatMap((code) => {
      const [, number = "", meaning = ""] = /^([\d, ]*\d) (.*)$/.exec(code) ?? [];
      return [".TP", text(number), text(meaning)];
    }),
    ".SH EXAMPLES",
    ...exampleLines(examples).slice(1),
    "",
  ].join("\n");
}

/** A description without what is in brackets, in small letters and without a full stop, as `whatis` shows them. */
function lead(description: string): string {
  const [first = "", ...rest] = description.replace(/(?: \(.*\))?\.$/, "");
  return first.toLowerCase() + rest.join("");
}

function commandLines(program: string, command: CommandDescription): string[] {
  const { name, usage, description, arguments: list, options, help } = command;
  return [
    `.SS ${line(`${program} ${name} ${usage}`)}`,
    text(description),
    ...list.flatMap((argument) => [".TP", `.I ${line(argument.name)}`, text(sentence(argument.description))]),
    ...options.filter(({ isHidden }) => !isHidden).flatMap(optionLines),
    ...(help.exitCodes ?? []).flatMap((code) => [".PP", text(`Exit status ${sentence(code)}`)]),
    ...(help.notes ?? []).flatMap((note) => [".PP", text(note)]),
    ...(help.examples.length === 0 ? [] : [".PP", "Examples:", ...exampleLines(help.examples)]),
  ];
}

function optionLines({ flags, description }: OptionDescription): string[] {
  return [".TP", `.B ${line(flags)}`, text(sentence(description))];
}

function exampleLines(examples: readonly Example[]): string[] {
  return examples.flatMap(([command, what]) => [
    ".PP",
    ...(what === undefined ? [] : [text(`${sentence(what)}`)]),
    ".RS 4",
    ".nf",
    line(command),
    ".fi",
    ".RE",
  ]);
}

function sentence(description: string): string {
  const [first = "", ...rest] = description;
  return `${first.toUpperCase()}${rest.join("")}${/[.!?]$/.test(description) ? "" : "."}`;
}

/** A paragraph as lines of roff, which man fills again. */
function text(plain: string): string {
  return wrap(plain, { width: WIDTH }).map(line).join("\n");
}

/** What mandoc takes for long is 80. Escapes make lines longer. */
const WIDTH = 66;

/** A text as one line of roff. */
function line(plain: string): string {
  return plain
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "\\[u2026]")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replace(/^[.']/, "\\&$&");
}
