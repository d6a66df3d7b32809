import { spawn } from "node:child_process";

/** Opens an address in the person's browser. False where nothing is there to open it with. */
export function openBrowser(url: string): Promise<boolean> {
  const [command, ...args] = commandFor(url);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => resolve(true));
    // The browser goes on when the command ends.
    child.unref();
  });
}

function commandFor(url: string): [string, ...string[]] {
  if (process.platform === "darwin") return ["open", url];
  // `start` is a word of the shell there, in which & would end the address.
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}
