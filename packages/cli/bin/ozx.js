#!/usr/bin/env node
import module from "node:module";

// Keeps compiled code between runs, from Node 22 on.
module.enableCompileCache?.();

const { main } = await import("../dist/main.js").catch((error) => {
  if (error.code !== "ERR_MODULE_NOT_FOUND" || !error.message.includes("main.js")) throw error;
  console.error(
    "ozx: this clone has not been built yet: run npm run demo in its root, which installs and builds",
  );
  process.exit(70);
});

await main(process.argv);
