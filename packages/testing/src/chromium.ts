import type { Browser, BrowserContext, Page } from "playwright-core";
import { findProgram } from "./find-program.js";

export type { BrowserContext, Page } from "playwright-core";

/** A running Chromium with an empty profile. */
export interface Chromium extends AsyncDisposable {
  readonly context: BrowserContext;
  newPage(): Promise<Page>;
  /** Closes its pages and removes its profile. */
  close(): Promise<void>;
}

interface ChromiumOptions {
  /** Size of the pages, in CSS pixels. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/**
 * Opens an empty profile in the system's Chromium, without a window. All profiles of a process share one browser, as
 * starting and ending one takes longer than most tests. WebGL 2 is rendered in software, so that pixels are the same on
 * every machine.
 *
 * @throws Error when no Chromium is found; `describeWithChromium` of `@ozx/testing` skips its tests instead
 */
export async function launchChromium({
  viewport = { width: 1024, height: 768 },
}: ChromiumOptions = {}): Promise<Chromium> {
  const browser = await sharedBrowser();
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(ACTION_TIMEOUT);
  const close = (): Promise<void> => context.close();
  return { context, newPage: () => context.newPage(), close, [Symbol.asyncDispose]: close };
}

let starting: Promise<Browser> | undefined;

/** The browser of this process, started again where a test has ended it. */
async function sharedBrowser(): Promise<Browser> {
  const running = await starting?.catch(() => undefined);
  if (running?.isConnected()) return running;
  starting = startBrowser();
  return starting;
}

async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  const { chromium } = await import("playwright-core");
  const options = { executablePath, headless: true, args: ARGUMENTS, handleSIGTERM: false };
  const browser = await chromium.launch(options);
  // Vitest ends its processes so. When a process exits, Playwright kills its browsers and removes their profiles.
  process.once("SIGTERM", () => process.exit());
  return browser;
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
