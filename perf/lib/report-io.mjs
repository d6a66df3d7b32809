// Loaded by `node --import`: when the process ends, it appends the bytes that it wrote to a file named by OZX_IO_LOG.
import { appendFileSync, readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const log = process.env["OZX_IO_LOG"];
if (isMainThread && log !== undefined) {
  process.on("exit", () => {
    const [, bytes] = /^wchar: (\d+)/m.exec(readFileSync("/proc/self/io", "utf8")) ?? [];
    appendFileSync(log, `${bytes}\n`);
  });
}
