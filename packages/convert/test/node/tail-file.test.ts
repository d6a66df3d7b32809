import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTailFile } from "../../src/node/index.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-tail-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a file is written at any position, and truncated", async () => {
  const path = join(folder, "image.ozx");
  writeFileSync(path, "data and tail");
  const file = await openTailFile(path);
  await file.write(9, new TextEncoder().encode("TAIL, longer"));
  await file.sync();
  await file.truncate(13);
  await file.close();
  expect(readFileSync(path, "utf8")).toBe("data and TAIL");
});

test("a missing file, and a folder, are typed errors", async () => {
  await expect(openTailFile(join(folder, "none.ozx"))).rejects.toMatchObject({ _tag: "NotFound" });
  await expect(openTailFile(folder)).rejects.toMatchObject({
    _tag: expect.stringMatching(/Unreadable|WriteFailed/),
  });
});
