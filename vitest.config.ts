import { defineConfig } from "vitest/config";
import { reporters } from "./scripts/lib/reporters.mjs";

/** For tests and hooks alike, in ms. A test that needs more on a machine that is busy asks for it. */
const PATIENCE = 60_000;

export default defineConfig({
  resolve: { conditions: ["@ozx/source"] },
  ssr: { resolve: { conditions: ["@ozx/source"], externalConditions: ["@ozx/source"] } },
  test: {
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
    expect: { poll: { timeout: PATIENCE / 2 } },
    setupFiles: ["scripts/property-seed.ts"],
    ...reporters(),
    projects: [
      {
        extends: true,
        test: { name: "packages", include: ["packages/*/test/**/*.test.ts"] },
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
          // The files share samples that the first to ask for one makes.
          fileParallelism: false,
        },
      },
    ],
  },
});
