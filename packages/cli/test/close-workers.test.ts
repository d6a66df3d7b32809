import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** What is built, because threads are started from files of their own. */
const CORE = new URL("../../core/dist/bundled/node.js", import.meta.url).href;

// Node ends a process with 13 that waits for something which can no longer come.
test("threads that are closed while they work keep the process until they have ended", () => {
  const script = `
    import { createChunkWorkers } from ${JSON.stringify(CORE)};
    const task = { kind: "downsample", pixels: "Uint8Array", shape: [32, 32], factors: [2, 2], method: "mean" };
    for (let round = 0; round < 20; round++) {
      const workers = createChunkWorkers({ workers: 3 });
      const runs = Array.from({ length: 6 }, () => workers.run(task, new Uint8Array(1024)).catch(() => {}));
      await Promise.race(runs);
      await workers.close();
    }
    console.log("closed");`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "closed\n" });
});
