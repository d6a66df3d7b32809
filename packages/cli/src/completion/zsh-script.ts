import type { CommandDescription, OptionDescription, ProgramDescription } from "./describe-program.js";
import type { ValueKind } from "./value-kinds.js";

/** A script for zsh, as a file `_ozx` in a folder of `fpath`, or for `source` after `compinit`. */
export function zshScript({ name, options, commands }: ProgramDescription): string {
  return `#compdef ${name}
# zsh completion for ${name}; made by: ${name} completion zsh
_${name}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C \\
${options.map((option) => `    ${zshOption(option)} \\`).join("\n")}
    '1: :_${name}_commands' \\
    '*:: :->rest'
  [[ $state == rest ]] || return 0
  case $words[1] in
    help) _${name}_commands ;;
${commands.map((command) => `    ${command.name})\n${zshArguments(command)} ;;`).join("\n")}
    *) _files ;;
  esac
}

_${name}_commands() {
  local -a commands=(
${commands.map((command) => `    ${quote(`${literal(command.name)}:${command.summary}`)}`).join("\n")}
    'help:${"show the help of a command"}'
  )
  _describe -t commands command commands || _files
}

# What of the image on the line there is, with what it is for a person.
_${name}_image() {
  local -a found=("\${(@f)$(${name} complete $1 -- "\${(@Q)words}" 2>/dev/null)}")
  found=("\${(@)found//:/\\\\:}")
  found=("\${(@)found/$'\\t'/:}")
  [[ -n $found ]] && _describe -t values $1 found
}

_${name}_key() { _${name}_image key || _files }

if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function zshArguments({ options, arguments: list }: CommandDescription): string {
  const isOnlyFiles = list.every(({ value }) => value.kind === "file");
  const positions = isOnlyFiles
    ? list.length === 0
      ? []
      : ["'*:file:_files'"]
    : list.map(({ name, value }, index) => quote(`${index + 1}:${literal(name)}:${action(value)}`));
  const specs = [...options.map(zshOption), ...positions];
  return `      _arguments \\\n${specs.map((spec) => `        ${spec}`).join(" \\\n")}`;
}

function zshOption({ short, long, description, value }: OptionDescription): string {
  const isAlone = long === "--help" || long === "--version";
  const isRepeatable = description.includes("repeatable");
  const text = `[${literal(description)}]`;
  const takes = value === undefined ? "" : `:${literal(long.replace(/^--/, ""))}:${action(value)}`;
  const equals = value === undefined ? "" : "=";
  if (short === undefined) return quote(`${isRepeatable ? "*" : ""}${long}${equals}${text}${takes}`);
  const excluded = isAlone ? "- *" : `${short} ${long}`;
  const plus = value === undefined ? "" : "+";
  return `${quote(`(${excluded})`)}{${short}${plus},${long}${equals}}${quote(text + takes)}`;
}

function action(value: ValueKind): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.map(literal).join(" ")})`;
    case "image":
      return value.part === "key" ? "_ozx_key" : `{_ozx_image ${value.part}}`;
    case "folder":
      return "_files -/";
    case "file":
      return "_files";
    case "none":
      return " ";
  }
}

/** What `_arguments` takes literally. */
function literal(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
