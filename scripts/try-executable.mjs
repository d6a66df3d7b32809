// @ts-check
// Tests one executable as the tests of other people's tools do: node scripts/try-executable.mjs FILE
import { resolve } from "node:path";
import { ensureBuilt, ensureInstalled } from "./lib/ready.mjs";
import { main } from "./lib/step.mjs";
import { vitest } from "./lib/vitest.mjs";

process.env["OZX_EXECUTABLE"] = resolve(process.argv[2] ?? "dist/executables/ozx");

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  await vitest(["--project=interop", "interop/test/without-node.test.ts"]);
});
