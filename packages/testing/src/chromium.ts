import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { findProgram } from "./find-program.js";

export type { BrowserContext, Page } from "playwright-core";

/** A running Chromium with an empty profile. */
export interface Chromium extends AsyncDisposable {
  readonly context: BrowserContext;
  newPage(): Promise<Page>;
  /** Ends the browser and removes its profile. */
  close(): Promise<void>;
}

interface ChromiumOptions {
  /** Size of the pages, in CSS pixels. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/**
 * Starts the system's Chromium without a window. WebGL 2 is rendered in software, so that pixels are the same on every
 * machine.
 *
 * @throws Error when no Chromium is found; `describeWithChromium` of `@ozx/testing` skips its tests instead
 */
export async function launchChromium({
  viewport = { width: 1024, height: 768 },
}: ChromiumOptions = {}): Promise<Chromium> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  const { chromium } = await import("playwright-core");
  const profile = await mkdtemp(join(tmpdir(), "ozx-chromium-"));
  const removeProfile = (): Promise<void> => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  const context = await chromium
    .launchPersistentContext(profile, { executablePath, headless: true, viewport, args: ARGUMENTS })
    .catch(async (error: unknown) => {
      await removeProfile();
      throw error;
    });
  context.setDefaultTimeout(ACTION_TIMEOUT);
  const close = async (): Promise<void> => {
    await context.close();
    await removeProfile();
  };
  return { context, newPage: () => context.newPage(), close, [Symbol.asyncDispose]: close };
}

/** Why tests in a page cannot run. */
export const NO_CHROMIUM =
  "no Chromium: interop/setup.sh installs Debian's; OZX_CHROMIUM sets the path of another one";

/** Milliseconds that Playwright waits for an action. Its default of 30 s is too short on a busy machine. */
const ACTION_TIMEOUT = 100_000;

const ARGUMENTS = [
  "--headless=new",
  // There is no sandbox in containers that run as root; tests only open pages of this project.
  "--no-sandbox",
  // No requests other than those of the page.
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The path of the system's Chromium: `OZX_CHROMIUM`, or else the first one on the PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env["OZX_CHROMIUM"];
  if (named) return named;
  return NAMES.map(findProgram).find((path) => path !== undefined);
}
