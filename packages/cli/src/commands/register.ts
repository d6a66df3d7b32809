import type { Command } from "commander";
import { applyRegistration, type Registration, registrationOf } from "../desktop/registration.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { createOutput } from "../terminal/output.js";

interface RegisterFlags {
  readonly remove?: boolean;
  readonly dryRun?: boolean;
}

export function defineRegister(command: Command): Command {
  command
    .description(
      "Makes a double click on an .ozx file open it with ozx view, and the file manager show a thumbnail of it, for you alone: on desktops of Linux by files in your folder of data, on Windows by keys of the registry, and on macOS by an application in your Applications that passes the file on (both without thumbnails).",
    )
    .option("--remove", "undo it, and leave nothing behind")
    .option("-n, --dry-run", "only say what would be written, removed and run")
    .action(async ({ remove = false, dryRun = false }: RegisterFlags) => {
      const registration = registrationOf(remove);
      const out = createOutput();
      out.data(describe(registration, dryRun).join("\n"));
      if (dryRun) return;
      const failed = await applyRegistration(registration);
      if (failed.length > 0) {
        out.note(`${failed.join(" and ")} could not be run: log out and in again if nothing has changed.`);
      }
    });
  return withHelp(command, HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx register"],
    ["ozx register --dry-run", "what it would write"],
    ["ozx register --remove", "undo it"],
  ],
};

function describe({ files, commands }: Registration, isPlanned: boolean): string[] {
  const will = isPlanned ? "would " : "";
  const [write, remove, run] = isPlanned ? ["write", "remove", "run"] : ["wrote", "removed", "ran"];
  return [
    ...Array.from(files, ([file, text]) => `${will}${text === undefined ? remove : write} ${file}`),
    ...commands.map((command) => `${will}${run} ${command.join(" ")}`),
  ];
}
