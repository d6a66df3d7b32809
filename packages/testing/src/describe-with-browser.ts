import { afterAll, beforeAll, describe } from "vitest";
import { type Chromium, findChromium, launchChromium, NO_CHROMIUM } from "./chromium.js";
import { type Firefox, findFirefox, launchFirefox, NO_FIREFOX } from "./firefox.js";
import { skipFor } from "./skip.js";

/** For a test, in ms: software draws every frame, and other tests run beside. */
const TIMEOUT = 120_000;

/** How a browser is started for tests. */
interface TestedBrowser<Running> {
  readonly name: string;
  /** Why its tests are skipped; undefined where they run. */
  readonly without: string | undefined;
  launch(): Promise<Running>;
}

/**
 * A `describe` for tests in Chromium, which is started once for all of them. Without Chromium they are skipped with a
 * reason; with `OZX_REQUIRE_TOOLS=1` they fail, so that CI does not skip them unnoticed.
 */
export function describeWithChromium(name: string, tests: (chromium: () => Chromium) => void): void {
  const chromium = { name: "Chromium", without: withoutChromium(), launch: () => launchChromium() };
  describeWithBrowser(name, chromium, tests);
}

/**
 * As {@link describeWithChromium}, in Firefox.
 *
 * @param skipped another reason to skip the tests
 */
export function describeWithFirefox(
  name: string,
  skipped: string | undefined,
  tests: (firefox: () => Firefox) => void,
): void {
  const firefox = { name: "Firefox", without: skipped ?? withoutFirefox(), launch: () => launchFirefox() };
  describeWithBrowser(name, firefox, tests);
}

function describeWithBrowser<Running extends { close(): Promise<void> }>(
  name: string,
  browser: TestedBrowser<Running>,
  tests: (running: () => Running) => void,
): void {
  describe(name, { timeout: TIMEOUT, ...skipFor(browser.without) }, () => {
    let running: Running | undefined;
    beforeAll(async () => {
      running = await browser.launch();
    }, TIMEOUT);
    afterAll(() => running?.close());
    tests(() => {
      if (running === undefined) throw new Error(`${browser.name} is available only inside hooks and tests`);
      return running;
    });
  });
}

/** Why tests in Chromium are skipped; undefined where they run. */
export function withoutChromium(): string | undefined {
  return isRequired() || findChromium() !== undefined ? undefined : NO_CHROMIUM;
}

/** Why tests in Firefox are skipped; undefined where they run. */
export function withoutFirefox(): string | undefined {
  return isRequired() || findFirefox() !== undefined ? undefined : NO_FIREFOX;
}

function isRequired(): boolean {
  return process.env["OZX_REQUIRE_TOOLS"] === "1";
}
