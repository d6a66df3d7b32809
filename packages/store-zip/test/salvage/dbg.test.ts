import { memorySource } from "@ozx/core/container";
import { test } from "vitest";
import { salvageArchive } from "../../src/index.js";
import { buildZip } from "../fixtures/build-zip.js";
import fs from "node:fs";
test("dbg", { timeout: 5000 }, async () => {
  const whole = buildZip({ entries: [{ name: "zarr.json", data: new TextEncoder().encode("{}") }, { name: "0/c/0", data: new Uint8Array(400) }] });
  fs.writeSync(2, "start\n");
  const r = await salvageArchive(memorySource(whole, "x"));
  fs.writeSync(2, `ok ${r.entries}\n`);
  const r2 = await salvageArchive(memorySource(whole.subarray(0, whole.length - 5), "x"));
  fs.writeSync(2, `ok ${r2.entries}\n`);
});
