import { wrap } from "../render/wrap.js";

/** What stands below the options in `--help`, none of it wider than the narrowest terminals. */

const WIDTH = 80;

/** A command line, and what it does. */
export type Example = readonly [command: string, what?: string];

/** Sections with an empty line before each. */
export function helpText(...sections: readonly string[]): string {
  return sections.map((section) => `\n${section}`).join("\n");
}

/** What examples do stands beside them where there is room for all, and otherwise above each. */
export function examples(list: readonly Example[]): string {
  const widest = Math.max(...list.map(([command]) => command.length));
  const beside = list.map(([command, what]) =>
    what === undefined ? `  ${command}` : `  ${command.padEnd(widest)}  ${what}`,
  );
  if (beside.every(({ length }) => length <= WIDTH)) return ["Examples:", ...beside].join("\n");
  const above = list.flatMap(([command, what]) => [
    ...(what === undefined ? [] : [`  # ${what}`]),
    `  ${command}`,
  ]);
  return ["Examples:", ...above].join("\n");
}

/** Exit codes with what they mean, as in `0 done`, as many on a line as there is room for. */
export function exitCodes(codes: readonly string[]): string {
  const lines: string[] = [];
  for (const code of codes) {
    const last = lines.at(-1);
    const joined = last === undefined ? undefined : `${last}  ${code}`;
    if (joined !== undefined && joined.length <= WIDTH) lines[lines.length - 1] = joined;
    else lines.push(`  ${code}`);
  }
  return ["Exit codes:", ...lines].join("\n");
}

export function paragraph(text: string): string {
  return wrap(text, { width: WIDTH }).join("\n");
}
