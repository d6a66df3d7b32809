import { afterAll, beforeAll, describe } from "vitest";
import { type Chromium, findChromium, launchChromium, NO_CHROMIUM } from "./chromium.js";
import { skipFor } from "./skip.js";

/**
 * A `describe` for tests in a page of Chromium, which is started once for all of them and ended after them.
 * Where there is none they are skipped and say so; with `OZX_REQUIRE_TOOLS=1` they fail, so that CI cannot lose
 * them unnoticed.
 */
export function describeWithChromium(name: string, tests: (chromium: () => Chromium) => void): void {
  describe(name, skipFor(withoutChromium()), () => {
    let chromium: Chromium | undefined;
    beforeAll(async () => {
      chromium = await launchChromium();
    });
    afterAll(() => chromium?.close());
    tests(() => {
      if (chromium === undefined) throw new Error("Chromium is there inside of tests only");
      return chromium;
    });
  });
}

/** Why tests in a page cannot run here; undefined where they can, and where `OZX_REQUIRE_TOOLS=1`. */
export function withoutChromium(): string | undefined {
  const isRequired = process.env["OZX_REQUIRE_TOOLS"] === "1";
  return isRequired || findChromium() !== undefined ? undefined : NO_CHROMIUM;
}
