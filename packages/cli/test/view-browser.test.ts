import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { notOn, skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { hasBrowser } from "../src/view/open-browser.js";
import { runOzx } from "./support/run-ozx.js";
import { runView } from "./support/run-view.js";

const temp = tempFolder();

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 });
  await runOzx(["convert", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
});

const WITHOUT_DISPLAY = { DISPLAY: "", WAYLAND_DISPLAY: "", WSL_DISTRO_NAME: "", VSCODE_IPC_HOOK_CLI: "" };

interface Desktop {
  readonly env: Readonly<Record<string, string>>;
  /** What the program that opens the browser was given; undefined until it is. */
  argument(): string | undefined;
}

/** A home whose programs open nothing, and an environment that finds them first. */
function desktop(name: string, opener = "exit 0"): Desktop {
  const note = temp.path(name, "argument");
  mkdirSync(temp.path(name, "bin"), { recursive: true });
  const opens = `printf %s "$1" >"${note}.partial"; mv "${note}.partial" "${note}"; ${opener}`;
  const programs = { "xdg-open": opens, open: opens, "xdg-settings": "echo cells_cells.desktop" };
  for (const [program, line] of Object.entries(programs)) {
    writeFileSync(temp.path(name, "bin", program), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }
  return {
    env: {
      ...WITHOUT_DISPLAY,
      ...{ DISPLAY: ":0", SSH_CONNECTION: "", HOME: temp.path(name) },
      PATH: `${temp.path(name, "bin")}:${process.env["PATH"]}`,
    },
    argument: () => (existsSync(note) ? readFileSync(note, "utf8") : undefined),
  };
}

/** Runs the command on a desktop; `work` gets the address of the page, and the file that is to be opened. */
async function viewOn(
  { env, argument }: Desktop,
  work: (url: URL, file: string) => Promise<void>,
): Promise<{ code: number | null; stderr: string }> {
  const onUrl = async (url: URL): Promise<void> => {
    await vi.waitFor(() => expect(argument()).toBeDefined(), { timeout: 20_000, interval: 20 });
    await work(url, fileURLToPath(argument() ?? ""));
  };
  return runView(["cells.ozx"], onUrl, { cwd: temp.path(), env });
}

describe("the browser that ozx view opens", skipFor(notOn("win32")), () => {
  test("learns the address from a file that nobody else can read, and that is removed then", async () => {
    const screen = desktop("with-display");
    const run = await viewOn(screen, async (url, file) => {
      // Other users see the arguments of all programs.
      expect(screen.argument()).not.toContain(url.pathname.replaceAll("/", ""));
      expect([statSync(dirname(file)).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
      expect(readFileSync(file, "utf8")).toContain(`content="0; url=${url.href}"`);
      expect((await fetch(url)).status).toBe(200);
      expect(existsSync(dirname(file))).toBe(false);
    });
    expect(run).toMatchObject({ code: 0, stderr: expect.not.stringContaining("browser") });
  });

  test("leaves no file behind when it never asks for the page", async () => {
    let opened = "";
    await viewOn(desktop("closed-early"), async (_, file) => {
      opened = file;
      expect(existsSync(file)).toBe(true);
    });
    expect(existsSync(dirname(opened))).toBe(false);
  });

  test("finds the file where a snap may read", skipFor(notOn("darwin")), async () => {
    const readable = temp.path("with-snap/snap/cells/common");
    mkdirSync(readable, { recursive: true });
    await viewOn(desktop("with-snap"), async (_, file) => {
      expect(dirname(dirname(file))).toBe(readable);
    });
  });

  test("is not looked for where there is none", async () => {
    const { env, argument } = desktop("without-display");
    const ssh = { ...WITHOUT_DISPLAY, SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" };
    const work = async (url: URL): Promise<void> => void (await fetch(url));
    const { stderr } = await runView(["cells.ozx"], work, { cwd: temp.path(), env: { ...env, ...ssh } });
    expect(stderr).toContain("There is no browser here: open the address yourself.");
    expect(stderr).toMatch(/ssh -L (\d+):127\.0\.0\.1:\1/);
    expect(argument()).toBeUndefined();
  });

  test("is said to have failed, and the page stays", async () => {
    const { env } = desktop("broken", "exit 3");
    let said = "";
    const onNote = (stderr: string): void => {
      said = stderr;
    };
    const work = async (url: URL): Promise<void> => {
      const sentence = "No browser could be opened: open the address yourself.";
      await vi.waitFor(() => expect(said).toContain(sentence), { timeout: 20_000, interval: 20 });
      expect((await fetch(url)).status).toBe(200);
    };
    await runView(["cells.ozx"], work, { cwd: temp.path(), env, onNote });
  });
});

test.each([
  ["linux", { DISPLAY: ":0" }, true],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, true],
  ["linux", { WSL_DISTRO_NAME: "Debian" }, true],
  ["linux", { DISPLAY: "", SSH_CONNECTION: "a" }, false],
  ["linux", { DISPLAY: ":0", VSCODE_IPC_HOOK_CLI: "/run/ipc" }, false],
  ["linux", {}, false],
  ["darwin", {}, true],
  ["darwin", { SSH_CONNECTION: "a" }, false],
  ["win32", {}, true],
] as const)("on %s with %j there is a browser: %s", (platform, env, expected) => {
  expect(hasBrowser(env, platform)).toBe(expected);
});
