import { afterAll, beforeAll, describe } from "vitest";
import { type Chromium, findChromium, launchChromium, NO_CHROMIUM } from "./chromium.js";
import { skipFor } from "./skip.js";

/** For a test, in ms: software draws every frame, and other tests run beside. */
const PATIENCE = 120_000;

/**
 * A `describe` for tests in Chromium, which is started once for all of them. Without Chromium they are skipped with a
 * reason; with `OZX_REQUIRE_TOOLS=1` they fail, so that CI does not skip them unnoticed.
 */
export function describeWithChromium(name: string, tests: (chromium: () => Chromium) => void): void {
  describe(name, { timeout: PATIENCE, ...skipFor(withoutChromium()) }, () => {
    let chromium: Chromium | undefined;
    beforeAll(async () => {
      chromium = await launchChromium();
    }, PATIENCE);
    afterAll(() => chromium?.close());
    tests(() => {
      if (chromium === undefined) throw new Error("Chromium is available only inside hooks and tests");
      return chromium;
    });
  });
}

/** Why tests in Chromium are skipped; undefined where they run. */
export function withoutChromium(): string | undefined {
  const isRequired = process.env["OZX_REQUIRE_TOOLS"] === "1";
  return isRequired || findChromium() !== undefined ? undefined : NO_CHROMIUM;
}
