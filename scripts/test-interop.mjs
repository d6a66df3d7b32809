// @ts-check
// Holds ozx against other people's tools: npm run test:interop [-- vitest's arguments]
import { inRoot } from "./lib/paths.mjs";
import { ensureBuilt, ensureInstalled } from "./lib/ready.mjs";
import { run } from "./lib/run.mjs";
import { main, step } from "./lib/step.mjs";
import { vitest } from "./lib/vitest.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  await step("Setting up other people's tools", () => run("bash", [inRoot("interop/setup.sh")]));
  await step("Testing against them", () => vitest(["--project=interop", ...process.argv.slice(2)]));
});
