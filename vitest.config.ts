import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@ozx/source"] },
  ssr: { resolve: { conditions: ["@ozx/source"], externalConditions: ["@ozx/source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    testTimeout: 30_000,
  },
});
