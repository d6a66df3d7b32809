import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether a browser can be opened that the person who runs the command sees: not over ssh without a display, not in a
 * container, not in the terminal of an editor that runs on another computer.
 */
export function hasBrowser(env: Environment = process.env, platform = process.platform): boolean {
  // Set in the terminals of VS Code on another computer, where it hands addresses, but no files, to its user's browser.
  if (env["VSCODE_IPC_HOOK_CLI"]) return false;
  if (platform === "win32") return true;
  if (platform === "darwin") return !env["SSH_CONNECTION"];
  // Without one of these xdg-open starts a browser for terminals. Windows' own serves its subsystem for Linux.
  return Boolean(env["DISPLAY"] || env["WAYLAND_DISPLAY"] || env["WSL_DISTRO_NAME"]);
}

/** A browser that was asked to open an address. */
export interface OpenedBrowser {
  /** False when there is no program to open it, or the program failed. */
  readonly opened: Promise<boolean>;
  /** Removes the file through which the browser learned the address; may be called again. */
  forget(): void;
}

/**
 * Opens an address in the browser, which gets it from a file that only this user can read: every user of a computer
 * sees the arguments of all programs.
 *
 * @throws a system error when the file cannot be written
 */
export async function openBrowser(url: string): Promise<OpenedBrowser> {
  const parent = process.platform === "linux" ? await folderOfSnap() : undefined;
  // Made with mode 0700, in a folder whose name cannot be guessed.
  const folder = mkdtempSync(join(parent ?? tmpdir(), "ozx-view-"));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const file = join(folder, "open.html");
    writeFileSync(file, redirectTo(url), { mode: 0o600, flag: "wx" });
    return { opened: runOpener(pathToFileURL(file).href), forget };
  } catch (error) {
    forget();
    throw error;
  }
}

/** A page that goes on to an address at once. */
function redirectTo(url: string): string {
  const target = url.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="referrer" content="no-referrer" />
    <meta http-equiv="refresh" content="0; url=${target}" />
    <title>ozx view</title>
  </head>
  <body><a href="${target}">Open the image</a></body>
</html>
`;
}

function runOpener(url: string): Promise<boolean> {
  const [command, ...args] = commandFor(url);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
    // A program that is still running is the browser itself.
    child.once("spawn", () => setTimeout(() => resolve(true), OPENER_TIMEOUT).unref());
    // The browser keeps running when the command ends.
    child.unref();
  });
}

/** In milliseconds, as the next. */
const OPENER_TIMEOUT = 5_000;
const SETTINGS_TIMEOUT = 2_000;

function commandFor(url: string): [string, ...string[]] {
  if (process.platform === "darwin") return ["open", url];
  // `start` is a shell command, in which & would end the address.
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}

/**
 * The folder that the default browser can read where it is a snap, as Ubuntu's Firefox is: these see neither the
 * system's temporary folder nor hidden ones.
 */
function folderOfSnap(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const args = ["get", "default-web-browser"];
    execFile("xdg-settings", args, { timeout: SETTINGS_TIMEOUT }, (_, stdout) => {
      // Named after the snap and its program: `firefox_firefox.desktop`.
      const [, snap] = /^([a-z0-9-]+)_[^/]*\.desktop\s*$/.exec(stdout) ?? [];
      const folder = snap && join(homedir(), "snap", snap, "common");
      resolve(folder && existsSync(folder) ? folder : undefined);
    });
  });
}
