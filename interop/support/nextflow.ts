import { readFileSync } from "node:fs";

/**
 * The script of a process of Nextflow, which cannot be installed here, as Nextflow would give it to the shell: with its
 * variables filled in.
 *
 * @param values by what stands in the braces, as in `task.cpus`
 * @throws Error where the process is not in the file, or a variable has no value
 */
export function scriptOf(file: string, process: string, values: Readonly<Record<string, string>>): string {
  const [, body] = readFileSync(file, "utf8").split(new RegExp(`^process ${process} \\{$`, "m"));
  const [, script] = /^ {4}script:\n[\s\S]*?"""\n([\s\S]*?)^ *"""$/m.exec(body ?? "") ?? [];
  if (script === undefined) throw new Error(`${file} has no process ${process} with a script`);
  const indent = /^ */.exec(script)?.[0] ?? "";
  return script
    .replaceAll(new RegExp(`^${indent}`, "gm"), "")
    .replaceAll(/(?<!\\)\$\{([^}]+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the script of ${process} uses ${name}, which has no value`);
      return value;
    })
    .replaceAll(/\\([$\\])/g, "$1");
}
