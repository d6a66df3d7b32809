// @ts-check
import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import { inRoot, root } from "./paths.mjs";

/** A command ended with something else than 0. Its output has been shown. */
export class CommandFailed extends Error {
  /**
   * @param {string} command
   * @param {number} code
   */
  constructor(command, code) {
    super(`${command} ended with exit code ${code}`);
    this.code = code;
  }
}

/**
 * Runs a command, in the repository's folder unless another one is given. A quiet one keeps its output to itself unless it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string>, shell?: boolean, cwd?: string }} [options]
 * @returns {Promise<void>}
 * @throws {CommandFailed}
 */
export function run(command, args, { quiet = false, env = {}, shell = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...toolEnvironment(), ...env },
      shell,
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout?.on("data", (piece) => output.push(piece));
    child.stderr?.on("data", (piece) => output.push(piece));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(output));
      const shown = [command === process.execPath ? "node" : command, ...args].join(" ");
      reject(new CommandFailed(signal ? `${shown} (${signal})` : shown, code ?? 1));
    });
  });
}

/**
 * Runs the JavaScript behind a tool of node_modules, which works on every platform without a shell.
 *
 * @param {string} script below the repository's folder
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runNode(script, args, options) {
  return run(process.execPath, [inRoot(script), ...args], options);
}

/** Turbo looks for the workspace's `pnpm` on the PATH; the one in node_modules is the right one. */
function toolEnvironment() {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return {
    ...process.env,
    [name]: [inRoot("node_modules/.bin"), process.env[name]].join(delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
  };
}
