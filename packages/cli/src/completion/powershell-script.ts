import type { CommandDescription, OptionDescription, ProgramDescription } from "./describe-program.js";

/** A script for PowerShell 5.1 and later. Where it offers nothing, PowerShell completes file names. */
export function powershellScript({ name, options, commands }: ProgramDescription): string {
  return `# PowerShell completion for ${name}; made by: ${name} completion powershell
Register-ArgumentCompleter -Native -CommandName ${name} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${commands.map((command) => `    ${quote(command.name)} = ${quote(command.summary)}`).join("\n")}
    'help' = 'show the help of a command'
  }
  $options = @{
    '' = ${table(options)}
${commands.map((command) => `    ${quote(command.name)} = ${table(command.options)}`).join("\n")}
  }
  $values = @{
${commands.flatMap(valuesOf).join("\n")}
  }
  $images = @{
${commands.flatMap(imagesOf).join("\n")}
  }
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
      Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
      ForEach-Object { $_.Extent.Text.Trim('"', "'") })
  $verb = @($words | Where-Object { $commands.Contains($_) -and $_ -ne 'help' })[0]
  $last = if ($words.Count -gt 0) { $words[-1] } else { '' }
  $found = [ordered]@{}
  if ($verb -and $values.ContainsKey("$verb $last")) {
    foreach ($value in $values["$verb $last"]) { $found[$value] = $value }
  } elseif ($verb -and $images.ContainsKey("$verb $last")) {
    foreach ($line in @(${name} complete $images["$verb $last"] -- @words 2>$null)) {
      $value, $what = $line -split "\`t", 2
      $found[$value] = if ($what) { $what } else { $value }
    }
  } elseif ($wordToComplete -like '-*') {
    $found = $options[[string]$verb]
  } elseif (-not $verb) {
    $found = $commands
  } elseif ($values.ContainsKey($verb)) {
    foreach ($value in $values[$verb]) { $found[$value] = $value }
  }
  foreach ($entry in $found.GetEnumerator()) {
    if ($entry.Key -like "$wordToComplete*") {
      [System.Management.Automation.CompletionResult]::new($entry.Key, $entry.Key, 'ParameterValue', $entry.Value)
    }
  }
}
`;
}

function table(options: readonly OptionDescription[]): string {
  const rows = options.map(({ long, description }) => `      ${quote(long)} = ${quote(description)}`);
  return `[ordered]@{\n${rows.join("\n")}\n    }`;
}

/** The words that options, and arguments, of a command take. */
function valuesOf({ name, options, arguments: list }: CommandDescription): string[] {
  const rows = [
    ...list.map(({ value }) => [name, value] as const),
    ...options.map(({ long, value }) => [`${name} ${long}`, value] as const),
  ];
  return rows.flatMap(([key, value]) =>
    value?.kind === "words" ? [`    ${quote(key)} = @(${value.words.map(quote).join(", ")})`] : [],
  );
}

function imagesOf({ name, options }: CommandDescription): string[] {
  return options.flatMap(({ long, value }) =>
    value?.kind === "image" ? [`    ${quote(`${name} ${long}`)} = ${quote(value.part)}`] : [],
  );
}

function quote(text: string): string {
  // PowerShell also takes typographic quotes for quotes.
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}
