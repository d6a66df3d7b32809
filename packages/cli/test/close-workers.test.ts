import { spawnSync } from "node:child_process";
import { outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";

/** What is built, because threads are started from files of their own. */
const CORE = new URL("../../core/dist/bundled/node.js", import.meta.url).href;

function runScript(script: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", `import { createChunkWorkers } from ${JSON.stringify(CORE)};${script}`],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

// Node ends a process with 13 that waits for something which can no longer come.
test("threads that are closed while they work keep the process until they have ended", () => {
  const run = runScript(`
    const task = { kind: "downsample", pixels: "Uint8Array", shape: [32, 32], factors: [2, 2], method: "mean" };
    for (let round = 0; round < 12; round++) {
      const workers = createChunkWorkers({ workers: 3 });
      const runs = Array.from({ length: 6 }, () => workers.run(task, new Uint8Array(1024)).catch(() => {}));
      await Promise.race(runs);
      await workers.close();
    }
    console.log("closed");`);
  expect(run).toEqual({ status: 0, stdout: "closed\n", stderr: "" });
});

/** Keeps three threads calling zlib for some milliseconds. */
const DECODING = `
  const { gzipSync } = await import("node:zlib");
  const chunk = gzipSync(new Uint8Array(64));
  const task = { kind: "recode", from: { kind: "bytes", codecs: [{ name: "gzip", configuration: { level: 1 } }] }, to: [], size: 64 };
  const keepDecoding = async () => {
    const workers = createChunkWorkers({ workers: 3 });
    const decode = () => workers.run(task, new Uint8Array(chunk)).then(() => void decode(), () => {});
    await Promise.all(Array.from({ length: 12 }, decode));
    await new Promise((resolve) => setTimeout(resolve, 5 * Math.random()));
    return workers;
  };`;

// Node aborts the process where a thread ends between the creation of a zlib stream and its start ("close before init").
test("threads that are closed while they call zlib do not abort the process", () => {
  const run = runScript(`${DECODING}
    for (let round = 0; round < 15; round++) await (await keepDecoding()).close();
    console.log("closed");`);
  expect(run).toEqual({ status: 0, stdout: "closed\n", stderr: "" });
});

test(
  "a thread that ends while its own threads call zlib does not abort the process",
  skipFor(outsideSample()),
  () => {
    const run = runScript(`
    const { Worker } = await import("node:worker_threads");
    const thread = ${JSON.stringify(`
      (async () => {
        const { createChunkWorkers } = await import(${JSON.stringify(CORE)});${DECODING}
        await keepDecoding();
        process.exit();
      })();`)};
    for (let round = 0; round < 8; round++) {
      const worker = new Worker(thread, { eval: true });
      await new Promise((resolve) => worker.on("exit", resolve));
    }
    console.log("ended");`);
    expect(run).toEqual({ status: 0, stdout: "ended\n", stderr: "" });
  },
);
