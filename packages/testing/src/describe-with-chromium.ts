import { afterAll, beforeAll, describe, test } from "vitest";
import { type Chromium, findChromium, launchChromium, NO_CHROMIUM } from "./chromium.js";

/**
 * A `describe` for tests in a page of Chromium, which is started once for all of them and ended after them.
 * Where there is none they are skipped and say so; with `OZX_REQUIRE_TOOLS=1` they fail, so that CI cannot lose
 * them unnoticed.
 */
export function describeWithChromium(name: string, tests: (chromium: () => Chromium) => void): void {
  const missing = findChromium() === undefined;
  if (missing && process.env["OZX_REQUIRE_TOOLS"] !== "1") {
    describe(name, () => test.skip(NO_CHROMIUM, () => {}));
    return;
  }
  describe(name, () => {
    let chromium: Chromium | undefined;
    beforeAll(async () => {
      chromium = await launchChromium();
    }, 60_000);
    afterAll(() => chromium?.close());
    tests(() => {
      if (chromium === undefined) throw new Error("Chromium is there inside of tests only");
      return chromium;
    });
  });
}
