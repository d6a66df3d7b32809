import type { Command } from "commander";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { createOutput } from "../terminal/output.js";

export function defineManual(command: Command): Command {
  command
    .description("Prints the manual page as man reads it. It is in the package, too, as man/ozx.1.")
    .action(async () => {
      const { describeProgram } = await import("../completion/describe-program.js");
      const { manualPage } = await import("../completion/manual-page.js");
      createOutput().data(manualPage(describeProgram(command.parent ?? command)).trimEnd());
    });
  return withHelp(command, HELP);
}

const HELP: HelpSections = {
  examples: [["ozx manual | man -l -", "read it here"]],
};
