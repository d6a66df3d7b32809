import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { memoryStore, type WriteJob } from "@ozx/core/container";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createFileSink, directoryTarget } from "../../src/node/index.js";

const folder = mkdtempSync(join(tmpdir(), "ozx-taken-over-"));

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What another run does that considers this one dead. */
function takeOver(): void {
  const partial = readdirSync(folder).find((name) => /partial[^.]*$/.test(name));
  if (partial === undefined) throw new Error("nothing is being written");
  renameSync(join(folder, partial), join(folder, "taken"));
}

/** A job of some entries, in the midst of which, or after which, it is taken over. */
function job(takenAt: number): WriteJob {
  return {
    source: memoryStore(new Map()),
    entries: [],
    generated: {
      entries: 6,
      bytes: 6,
      async *produce() {
        for (let k = 0; k < 6; k++) {
          if (k === takenAt) takeOver();
          yield { key: `/${k}/c` as AbsolutePath, bytes: Uint8Array.of(k) };
        }
        if (takenAt === 6) takeOver();
      },
    },
  };
}

test.each([3, 6])("a folder that another run has taken over is not published: %i", async (at) => {
  const out = join(folder, "a.zarr");
  await expect(directoryTarget(out).write(job(at))).rejects.toMatchObject({
    _tag: "WriteFailed",
    message: expect.stringContaining("another run has taken over"),
  });
  expect(readdirSync(folder)).toEqual(["taken"]);
});

test("nor is a file", async () => {
  const out = join(folder, "a.ozx");
  const sink = await createFileSink(out);
  await sink.write(0, Uint8Array.of(1));
  takeOver();
  await expect(sink.commit()).rejects.toThrow("another run has taken over");
  await sink.discard();
  expect(existsSync(out)).toBe(false);
});
