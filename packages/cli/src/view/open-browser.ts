import { spawn } from "node:child_process";

/**
 * Opens an address in the person's browser. False where nothing is there to open it with, or what is there says that it
 * could not.
 */
export function openBrowser(url: string): Promise<boolean> {
  const [command, ...args] = commandFor(url);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
    // What goes on is the browser itself.
    child.once("spawn", () => setTimeout(() => resolve(true), PATIENCE).unref());
    // The browser goes on when the command ends.
    child.unref();
  });
}

const PATIENCE = 5_000;

function commandFor(url: string): [string, ...string[]] {
  if (process.platform === "darwin") return ["open", url];
  // `start` is a word of the shell there, in which & would end the address.
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}
