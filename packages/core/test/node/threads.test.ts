import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { isOzxError } from "@ozx/core";
import { createChunkPool } from "@ozx/core/internal";
import { distributeTasks } from "@ozx/core/node";
import { tempFolder } from "@ozx/testing";
import { expect, test } from "vitest";
import { startChunkThread } from "../../src/node/threads/chunk-workers.js";
import { startThread } from "../../src/node/threads/distribute-tasks.js";

const folder = tempFolder();

/** Files of threads as an installation leaves them that is replaced while a command runs. */
const BROKEN = [
  ["throws when it is loaded", 'throw new Error("no engine");', "no engine"],
  ["imports a file that is gone", 'import "./chunk-GONE.js";', "chunk-GONE.js"],
  ["is cut in its middle", "import { serveChunks", "Unexpected"],
  ["is empty", "", "exit code 0"],
] as const;

async function brokenThread(content: string): Promise<URL> {
  const file = folder.path("thread.mjs");
  await writeFile(file, content);
  return pathToFileURL(file);
}

test.each(BROKEN)(
  "a thread whose file %s fails all chunks with an error that names it",
  async (_, content, reason) => {
    const thread = await brokenThread(content);
    let started = 0;
    const pool = createChunkPool({
      workers: 2,
      start(events) {
        started++;
        return startChunkThread(thread, events);
      },
    });
    const task = { kind: "recode", from: { kind: "bytes", codecs: [] }, to: [], size: 8 } as const;
    const chunks = Array.from({ length: 50 }, () => pool.run(task, new Uint8Array(8)));
    for (const result of await Promise.allSettled(chunks)) {
      expect(result.status).toBe("rejected");
      const { reason: error } = result as PromiseRejectedResult;
      expect(isOzxError(error, "Unreadable") && error.location).toBe(folder.path("thread.mjs"));
      expect(error.message).toContain(reason);
    }
    expect(started).toBeLessThanOrEqual(2);
    await pool.close();
  },
);

test.each(BROKEN)(
  "writing in threads whose file %s ends with an error that names it",
  async (_, content, reason) => {
    const thread = await brokenThread(content);
    const work = distributeTasks({ thread, workerData: undefined, threads: 2, tasks: [1, 2, 3] });
    const error: unknown = await work.catch((failure) => failure);
    expect(isOzxError(error, "Unreadable") && error.message).toContain(reason);
  },
);

test("a thread that loads its file and never says that it is ready is given up with an error", async () => {
  const thread = await brokenThread("setInterval(() => {}, 1000);");
  const error = await new Promise<unknown>((resolve) => {
    startThread(thread, undefined, { onMessage: () => {}, onEnd: resolve }, 50).ref();
  });
  expect(isOzxError(error, "Unreadable") && error.location).toBe(folder.path("thread.mjs"));
  expect(error).toMatchObject({ message: expect.stringContaining("not ready within 0.05 s") });
});

test("a thread that is ready may work for longer than that", async () => {
  const thread = await brokenThread(
    'import { parentPort } from "node:worker_threads"; parentPort.postMessage("ready"); setTimeout(() => parentPort.postMessage(7), 1500);',
  );
  const result = await new Promise<unknown>((resolve) => {
    const worker = startThread(thread, undefined, { onMessage: resolve, onEnd: resolve }, 200);
    worker.once("message", () => worker.ref());
  });
  expect(result).toBe(7);
});
