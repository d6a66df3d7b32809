// Loaded before the command (`node --import`): kills it by SIGKILL at its KILL_AT-th call that changes the disk. A write is
// cut in its middle first; with KILL_PAGE, at a multiple of so many bytes, since the system copies memory page by page and
// looks for signals between them. Without KILL_AT, the number of such calls goes to the standard output at the end.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { promisify } from "node:util";

const killAt = Number(process.env.KILL_AT ?? 0);
const page = Number(process.env.KILL_PAGE ?? 1);
let calls = 0;

/** @param half what is done of the call before the process ends */
function patch(owner, name, half) {
  const original = owner[name];
  const patched = (...args) => {
    if (++calls === killAt) {
      half?.(...args);
      process.kill(process.pid, "SIGKILL");
    }
    return original(...args);
  };
  if (name === "write") {
    // `promisify` gives two results of it by a symbol that is Node's own.
    patched[promisify.custom] = (...args) =>
      new Promise((resolve, reject) => {
        patched(...args, (error, bytesWritten, buffer) =>
          error ? reject(error) : resolve({ bytesWritten, buffer }),
        );
      });
  }
  owner[name] = patched;
}

const { writeSync, writeFileSync } = fs;
patch(fs, "write", (file, bytes, offset, length, position) =>
  writeSync(file, bytes, offset, Math.floor(length / 2 / page) * page, position),
);
for (const name of ["open", "fsync", "ftruncate", "writeSync", "mkdirSync", "openSync"]) patch(fs, name);
patch(fs.promises, "writeFile", (path, text, options) =>
  writeFileSync(path, text.slice(0, Math.floor(text.length / 2)), { flag: options?.flag }),
);
for (const name of ["rename", "rm", "link", "mkdir"]) patch(fs.promises, name);
syncBuiltinESMExports();

process.on("exit", () => {
  if (killAt === 0) fs.writeSync(1, `${calls}\n`);
});
