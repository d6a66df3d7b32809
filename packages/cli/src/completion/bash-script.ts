import type { CommandDescription, OptionDescription, ProgramDescription } from "./describe-program.js";
import type { ValueKind } from "./value-kinds.js";

/** A script for bash 3.2 and later, without the package bash-completion. */
export function bashScript({ name, options, commands }: ProgramDescription): string {
  const verbs = [...commands.map((command) => command.name), "help"];
  return `# bash completion for ${name}; made by: ${name} completion bash
_${name}() {
  local line=\${COMP_LINE:0:COMP_POINT} words cur option verb="" part word value=""
  COMPREPLY=()
  # Not COMP_WORDS, which are cut at : and =. Without -r, a space after a backslash belongs to its word.
  read -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur=\${words[\${#words[@]}-1]}
  option=""
  [ \${#words[@]} -gt 2 ] && option=\${words[\${#words[@]}-2]}
  for word in "\${words[@]:1:\${#words[@]}-2}"; do
    case $word in
      -*) ;;
      help) [ -z "$verb" ] && verb=help ;;
      *) if [ -z "$verb" ] || [ "$verb" = help ]; then verb=$word; fi; break ;;
    esac
  done
  case $cur in
    --*=*) option=\${cur%%=*} value=\${cur#*=} ;;
    *) value=$cur ;;
  esac
  if [ -z "$verb" ] || [ "$verb" = help ]; then
    COMPREPLY=($(compgen -W "${verbs.join(" ")} ${flagsOf(options).join(" ")}" -- "$cur"))
    return
  fi
  case "$verb $option" in
${commands.flatMap((command) => command.options.flatMap((option) => bashOption(command, option))).join("\n")}
    *)
      case $cur in
        --*=*) return ;;
        -*)
          case $verb in
${commands.map((command) => `            ${command.name}) COMPREPLY=($(compgen -W "${flagsOf(command.options).join(" ")}" -- "$cur")) ;;`).join("\n")}
          esac
          return ;;
        *)
          case $verb in
${commands.flatMap(bashArguments).join("\n")}
            # Without words of its own, readline completes file names.
            *) return ;;
          esac ;;
      esac ;;
  esac
  # Readline replaces only what follows the last : or =.
  if [[ $COMP_WORDBREAKS == *:* ]]; then
    part=\${value%"\${value##*[:=]}"}
    COMPREPLY=("\${COMPREPLY[@]#"$part"}")
  fi
}

# What of the image on the line there is.
_${name}_image() {
  local found
  while IFS=$'\\t' read -r found _; do
    [[ $found == "$value"* ]] && COMPREPLY+=("$found")
  done < <(${name} complete "$1" -- "\${words[@]:2:\${#words[@]}-3}" 2>/dev/null)
}

_${name}_folder() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -d -- "$value"))
  compopt -o filenames 2>/dev/null
}

# Nothing that could be listed, files neither.
_${name}_nothing() {
  compopt +o default +o bashdefault 2>/dev/null
}

complete -o default -o bashdefault -F _${name} ${name}
`;
}

function flagsOf(options: readonly OptionDescription[]): string[] {
  return options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
}

function bashOption({ name }: CommandDescription, { short, long, value }: OptionDescription): string[] {
  if (value === undefined) return [];
  const patterns = [long, ...(short === undefined ? [] : [short])].map((flag) => `"${name} ${flag}"`);
  return [`    ${patterns.join("|")}) ${bashValue(value)} ;;`];
}

function bashArguments({ name, arguments: list }: CommandDescription): string[] {
  const special = list.find(({ value }) => value.kind === "words" || value.kind === "image");
  return special === undefined ? [] : [`            ${name}) ${bashValue(special.value)} ;;`];
}

function bashValue(value: ValueKind): string {
  switch (value.kind) {
    case "words":
      return `COMPREPLY=($(compgen -W "${value.words.join(" ")}" -- "$value"))`;
    case "image":
      return `_ozx_image ${value.part}`;
    case "folder":
      return "_ozx_folder";
    case "none":
      return "_ozx_nothing";
    case "file":
      return "return";
  }
}
