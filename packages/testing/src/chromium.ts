import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { findProgram } from "./find-program.js";

export type { BrowserContext, Page } from "playwright-core";

/** A Chromium of its own, with an empty profile. */
export interface Chromium extends AsyncDisposable {
  readonly context: BrowserContext;
  newPage(): Promise<Page>;
  /** Ends it and removes its profile. */
  close(): Promise<void>;
}

export interface ChromiumOptions {
  /** Size of the pages, in CSS pixels. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/**
 * Starts the system's Chromium without a window; WebGL 2 is drawn by the processor, so that it is the same on
 * every machine.
 *
 * @throws Error when there is none; `describeWithChromium` of `@ozx/testing` skips tests then
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
  context.setDefaultTimeout(PATIENCE);
  const close = async (): Promise<void> => {
    await context.close();
    await removeProfile();
  };
  return { context, newPage: () => context.newPage(), close, [Symbol.asyncDispose]: close };
}

/** What to say where there is no Chromium. */
export const NO_CHROMIUM =
  "no Chromium: interop/setup.sh installs Debian's; OZX_CHROMIUM names one that is somewhere else";

/** How long Playwright waits for what a test waits for, in ms. Its 30 s are too few for a machine that is busy. */
const PATIENCE = 100_000;

const ARGUMENTS = [
  "--headless=new",
  // Containers that run as root have no sandbox; no page is opened here but our own.
  "--no-sandbox",
  // Nothing is fetched that the page does not ask for.
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

/** The path of the system's Chromium: the one that `OZX_CHROMIUM` names, otherwise the first of its names in PATH. */
export function findChromium(): string | undefined {
  const named = process.env["OZX_CHROMIUM"];
  if (named) return named;
  return NAMES.map(findProgram).find((path) => path !== undefined);
}
