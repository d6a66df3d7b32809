import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { findProgram } from "./find-program.js";

/** A running Firefox with an empty profile. */
export interface Firefox extends AsyncDisposable {
  readonly context: BrowserContext;
  newPage(): Promise<Page>;
  /** Ends the browser and its screen. */
  close(): Promise<void>;
}

interface FirefoxOptions {
  /** Whether pages are told that the user prefers dark colours. */
  readonly dark?: boolean;
}

/**
 * Starts the system's Firefox, over WebDriver BiDi, on a screen of its own: without one it has no WebGL. WebGL 2 is
 * rendered in software.
 *
 * @throws Error when no Firefox or no Xvfb is found; `describeWithFirefox` of `@ozx/testing` skips its tests instead
 */
export async function launchFirefox({ dark = false }: FirefoxOptions = {}): Promise<Firefox> {
  const executablePath = findFirefox();
  if (executablePath === undefined) throw new Error(NO_FIREFOX);
  const { firefox } = await import("playwright-core");
  const screen = await startScreen();
  const launched = firefox
    .launch({
      ...{ channel: "moz-firefox", executablePath, headless: false },
      env: { ...definedOnly(process.env), DISPLAY: screen.display, LIBGL_ALWAYS_SOFTWARE: "1" },
      firefoxUserPrefs: {
        ...PREFERENCES,
        // 0 is dark, and 1 is light.
        "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
      },
    })
    .then(async (browser) => {
      fillGaps(browser);
      const context = await browser.newContext({ viewport: { width: 1024, height: 768 } });
      context.setDefaultTimeout(ACTION_TIMEOUT);
      return { browser, context };
    });
  const { browser, context } = await launched.catch((error: unknown) => {
    screen.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await browser.close();
    screen.close();
  };
  return { context, newPage: () => context.newPage(), close, [Symbol.asyncDispose]: close };
}

/** Why tests in Firefox cannot run. */
export const NO_FIREFOX =
  "no Firefox or no Xvfb: interop/setup.sh installs Debian's; OZX_FIREFOX sets the path of another Firefox";

/** Milliseconds that Playwright waits for an action. */
const ACTION_TIMEOUT = 30_000;

/** No requests other than those of the page. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "toolkit.telemetry.enabled": false,
};

/** The path of the system's Firefox: `OZX_FIREFOX`, or else the first one on the PATH; undefined without it or Xvfb. */
export function findFirefox(): string | undefined {
  if (findProgram("Xvfb") === undefined) return undefined;
  const named = process.env["OZX_FIREFOX"];
  if (named) return named;
  return ["firefox-esr", "firefox"].map(findProgram).find((path) => path !== undefined);
}

/** A screen that nobody sees, with a number that is free. */
async function startScreen(): Promise<{ readonly display: string; close(): void }> {
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const number = await new Promise<string>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
    (server.stdio[3] as Readable).once("data", (data: Buffer) => resolve(data.toString().trim()));
  });
  return { display: `:${number}`, close: () => void server.kill() };
}

/** A message of WebDriver BiDi: a command, an answer or an event. */
interface BidiMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What of Playwright's connection to Firefox is replaced. */
interface BidiConnection {
  rawSend(message: BidiMessage): void;
  readonly _transport: { onmessage?: ((message: BidiMessage) => void) | undefined };
}

interface WithConnection {
  readonly _connection: {
    toImpl(browser: Browser): { readonly _browserSession: { readonly connection: BidiConnection } };
  };
}

/**
 * Mediates between Playwright 1.65 and Firefox ESR 153, which lacks a command that Playwright needs for every context, that
 * of the colour scheme, which the preferences have set; and which gives downloads no identifier.
 */
function fillGaps(browser: Browser): void {
  const inside = (browser as Browser & Partial<WithConnection>)._connection;
  if (inside === undefined) throw new Error("this version of Playwright has another connection to Firefox");
  const { connection } = inside.toImpl(browser)._browserSession;
  const { _transport: transport } = connection;
  const [send, receive] = [connection.rawSend.bind(connection), transport.onmessage];
  connection.rawSend = (message) => {
    if (message.method !== "emulation.setMediaFeaturesOverride") return send(message);
    queueMicrotask(() => receive?.({ ...{ type: "success", id: message.id ?? 0, result: {} } }));
  };
  transport.onmessage = (message) => {
    const { method = "", params } = message;
    const isDownload = method.startsWith("browsingContext.download") && params?.["navigation"] === null;
    receive?.(isDownload ? { ...message, params: { ...params, download: params["url"] } } : message);
  };
}

function definedOnly(variables: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
