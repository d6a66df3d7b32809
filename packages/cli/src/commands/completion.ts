import { Argument, type Command } from "commander";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { createOutput } from "../terminal/output.js";

/** The shells, and what writes the script of each. */
const SHELLS = {
  bash: async () => (await import("../completion/bash-script.js")).bashScript,
  zsh: async () => (await import("../completion/zsh-script.js")).zshScript,
  fish: async () => (await import("../completion/fish-script.js")).fishScript,
  powershell: async () => (await import("../completion/powershell-script.js")).powershellScript,
} as const;

type Shell = keyof typeof SHELLS;

export function defineCompletion(command: Command): Command {
  command
    .description(
      "Prints a script that makes a shell complete commands, options and their values, file names, and what an image has: channels, levels, wells, keys.",
    )
    .addArgument(new Argument("<shell>", "the shell that is to complete").choices(Object.keys(SHELLS)))
    .action(async (shell: Shell) => {
      const { describeProgram } = await import("../completion/describe-program.js");
      const write = await SHELLS[shell]();
      createOutput().data(write(describeProgram(command.parent ?? command)).trimEnd());
    });
  return withHelp(command, HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx completion bash > ~/.local/share/bash-completion/completions/ozx"],
    ["ozx completion zsh > ~/.zfunc/_ozx", "with fpath+=~/.zfunc before compinit in ~/.zshrc"],
    ["ozx completion fish > ~/.config/fish/completions/ozx.fish"],
    ["ozx completion powershell >> $PROFILE"],
  ],
};
