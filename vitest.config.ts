import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { mockingTests } from "./scripts/lib/mocking-tests.mjs";
import { reporters } from "./scripts/lib/reporters.mjs";

const mocking = mockingTests();
const isFull = process.env["OZX_TESTS"] === "full";

/**
 * For tests and hooks alike, in ms: it only ends what hangs, so that no test fails because a machine is slow. A full run
 * draws hundreds of times as many random cases as a sample.
 */
const TIMEOUT = isFull ? 600_000 : 60_000;

export default defineConfig({
  resolve: { conditions: ["@ozx/source"] },
  ssr: { resolve: { conditions: ["@ozx/source"], externalConditions: ["@ozx/source"] } },
  test: {
    testTimeout: TIMEOUT,
    hookTimeout: TIMEOUT,
    expect: { poll: { timeout: 30_000 } },
    setupFiles: ["scripts/property-seed.ts", "scripts/equal-bytes.ts"],
    ...reporters(),
    // More processes than there are cores, because tests of the command and of the page wait for other processes: two in a
    // sample, where few compute for long. The files of each share what they import, which saves a third of the time: so
    // nothing that a test changes may outlive it, and no hook stands at the top of a file that others import.
    maxWorkers: availableParallelism() + (isFull ? 1 : 2),
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    projects: [
      {
        extends: true,
        test: { name: "packages", include: ["packages/*/test/**/*.test.ts"], exclude: mocking },
      },
      {
        extends: true,
        test: { name: "packages-alone", include: mocking, isolate: true },
      },
      {
        extends: true,
        test: { name: "scripts", include: ["scripts/test/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "interop",
          include: ["interop/test/**/*.test.ts"],
          globalSetup: ["interop/global-setup.ts"],
          testTimeout: 2 * TIMEOUT,
          hookTimeout: 2 * TIMEOUT,
        },
      },
    ],
  },
});
