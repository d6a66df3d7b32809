import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { mockingTests } from "./scripts/lib/mocking-tests.mjs";
import { reporters } from "./scripts/lib/reporters.mjs";

const mocking = mockingTests();

/** For tests and hooks alike, in ms. A test that needs more on a machine that is busy asks for it. */
const PATIENCE = 60_000;

export default defineConfig({
  resolve: { conditions: ["@ozx/source"] },
  ssr: { resolve: { conditions: ["@ozx/source"], externalConditions: ["@ozx/source"] } },
  test: {
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
    expect: { poll: { timeout: PATIENCE / 2 } },
    setupFiles: ["scripts/property-seed.ts", "scripts/equal-bytes.ts"],
    ...reporters(),
    // A process for each core, where vitest leaves one idle. Its files share what they import, which saves a third of the
    // time: so nothing that a test changes may outlive it, and no hook stands at the top of a file that others import.
    maxWorkers: availableParallelism(),
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
          testTimeout: 120_000,
          hookTimeout: 120_000,
          isolate: true,
          // The files share samples that the first to ask for one makes.
          fileParallelism: false,
        },
      },
    ],
  },
});
