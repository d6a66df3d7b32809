import { Argument, type Command } from "commander";
import { IMAGE_PARTS, type ImagePart } from "../completion/value-kinds.js";
import { createOutput } from "../terminal/output.js";
import { printable } from "../terminal/text-layout.js";

/** What the scripts of `ozx completion` ask; not for people. */
export function defineComplete(command: Command): Command {
  return command
    .description(
      "Lists what an option may take of the image on a command line, for the scripts of ozx completion.",
    )
    .addArgument(new Argument("<part>", "what is listed").choices(IMAGE_PARTS))
    .argument("[words...]", "the words of the command line")
    .action(async (part: ImagePart, words: string[]) => {
      const { listValues } = await import("../completion/list-values.js");
      // A shell that completes has no place for messages.
      const values = await listValues(part, words).catch(() => []);
      const lines = values.map(
        ([value, what]) => printable(value) + (what === "" ? "" : `\t${printable(what)}`),
      );
      if (lines.length > 0) createOutput().data(lines.join("\n"));
    });
}
