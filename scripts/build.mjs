// @ts-check
// Installs the dependencies where they are missing, and builds what has changed: npm run build
import { ensureBuilt, ensureInstalled } from "./lib/ready.mjs";
import { main } from "./lib/step.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
});
