import type { Argument, Command, Option } from "commander";
import { type HelpSections, sectionsOf } from "../terminal/help-layout.js";
import { type ValueKind, valueKindOf } from "./value-kinds.js";

/** The command line as data, for completion scripts and the manual. */
export interface ProgramDescription {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionDescription[];
  readonly commands: readonly CommandDescription[];
  readonly help: HelpSections;
}

export interface CommandDescription {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** Options and arguments, as in `[options] <file>`. */
  readonly usage: string;
  readonly arguments: readonly ArgumentDescription[];
  readonly options: readonly OptionDescription[];
  readonly help: HelpSections;
}

export interface ArgumentDescription {
  readonly name: string;
  readonly description: string;
  readonly value: ValueKind;
}

export interface OptionDescription {
  /** As in `-o`; undefined where there is none. */
  readonly short: string | undefined;
  /** As in `--output`. */
  readonly long: string;
  /** As in `-o, --output <path>`. */
  readonly flags: string;
  readonly description: string;
  /** What its value is; undefined for a switch. */
  readonly value: ValueKind | undefined;
  /** Left out of help and manual, where another option stands for it. */
  readonly isHidden: boolean;
}

/** Describes the program of which all commands are loaded. */
export function describeProgram(program: Command): ProgramDescription {
  return {
    name: program.name(),
    description: program.description(),
    options: optionsOf(program),
    commands: program.createHelp().visibleCommands(program).filter(isOwn).map(describeCommand),
    help: sectionsOf(program),
  };
}

/** Commander's own `help` has no loaded module, and is known to every script. */
function isOwn(command: Command): boolean {
  return command.name() !== "help";
}

function describeCommand(command: Command): CommandDescription {
  return {
    name: command.name(),
    summary: command.summary(),
    description: command.description(),
    usage: command.usage(),
    arguments: command.registeredArguments.map((argument) => describeArgument(command, argument)),
    options: optionsOf(command),
    help: sectionsOf(command),
  };
}

function describeArgument(command: Command, argument: Argument): ArgumentDescription {
  const { description, argChoices } = argument;
  const name = argument.name();
  const value: ValueKind =
    argChoices === undefined
      ? valueKindOf(`${command.name()} ${name}`)
      : { kind: "words", words: argChoices };
  return { name, description, value };
}

function optionsOf(command: Command): OptionDescription[] {
  // With --help, which Commander adds when help is printed.
  const visible = command.createHelp().visibleOptions(command);
  const hidden = command.options.filter((option) => option.hidden);
  return [...visible, ...hidden].map(describeOption);
}

function describeOption(option: Option): OptionDescription {
  const { short, long = "", flags, description, argChoices, hidden } = option;
  const takesValue = option.required || option.optional;
  const words = argChoices && ({ kind: "words", words: argChoices } as const);
  return {
    ...{ short, long, flags, description, isHidden: hidden },
    value: takesValue ? (words ?? valueKindOf(long)) : undefined,
  };
}
