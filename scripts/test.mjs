// @ts-check
// Installs, builds and runs every test: npm test [-- vitest's arguments]
// Tests against other people's tools are apart, as they need those tools: npm run test:interop
import { ensureBuilt, ensureInstalled } from "./lib/ready.mjs";
import { main, step } from "./lib/step.mjs";
import { vitest } from "./lib/vitest.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  await step("Testing", () => vitest(["--project=!interop", ...process.argv.slice(2)]));
});
