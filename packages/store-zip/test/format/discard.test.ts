import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createImage } from "@ozx/convert";
import { createFileSink, directoryTarget } from "@ozx/convert/node";
import { memorySink, type StoreTarget } from "@ozx/core/container";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { ozxTarget } from "../../src/format/ozx-target.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-discard-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const targets: Record<string, (path: string) => Promise<StoreTarget>> = {
  "an .ozx": async (path) => ozxTarget(await createFileSink(path)),
  "a folder": async (path) => directoryTarget(path),
};

test.each(Object.entries(targets))(
  "an image in %s is discarded while much is being written, and no other file gets any of it",
  async (_, target) => {
    const options = { axes: ["z", "y", "x"], shape: [64, 256, 256], dtype: "uint16", levels: 1 } as const;
    const image = await createImage(await target(join(folder, "image")), { ...options, codec: "none" });
    const plane = new Uint16Array(256 * 256).fill(7);
    const writing = Array.from({ length: 64 }, (_, z) => image.write({ z }, plane));
    const settled = Promise.allSettled(writing);
    await image.discard();
    const path = join(folder, "other");
    writeFileSync(path, "");
    const others = Array.from({ length: 16 }, () => openSync(path, "r+"));
    onTestFinished(() => others.forEach(closeSync));
    const refused = (await settled).filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ _tag: "Usage", message: expect.stringContaining("was discarded") });
    }
    expect(fstatSync(others[0] ?? 0).size).toBe(0);
    expect(readdirSync(folder)).toEqual(["other"]);
  },
);

test("what comes after a discard is refused", async () => {
  const writer = await ozxTarget(memorySink("out.ozx")).begin?.();
  await writer?.discard();
  const late = writer?.add({ key: "/a", bytes: new Uint8Array(5_000_000) });
  await expect(late).rejects.toThrow("out.ozx was discarded, so nothing can be added to it");
});
