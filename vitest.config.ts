import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@ozx/source"] },
  ssr: { resolve: { conditions: ["@ozx/source"], externalConditions: ["@ozx/source"] } },
  test: {
    testTimeout: 30_000,
    setupFiles: ["scripts/property-seed.ts"],
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
          // The files share samples that the first to ask for one makes.
          fileParallelism: false,
        },
      },
    ],
  },
});
