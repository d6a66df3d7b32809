import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { streamSink } from "../../src/node/destination.js";

/** A full pipe whose reader does not read. */
const fullPipe = (): Writable => new Writable({ highWaterMark: 1, write() {} });

test("a write into a pipe that nobody reads ends with its signal", async () => {
  const controller = new AbortController();
  const writing = streamSink(fullPipe(), "pipe").write(0, new Uint8Array(10), { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(writing).rejects.toThrow("enough");
});

test("commit waits for the reader until the signal", async () => {
  const sink = streamSink(new Writable({ highWaterMark: 100, write() {} }), "pipe");
  await sink.write(0, new Uint8Array(10));
  const controller = new AbortController();
  const committing = sink.commit({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(committing).rejects.toThrow("enough");
});

test("a stream that is destroyed, before or meanwhile, cannot be written", async () => {
  const gone = { _tag: "WriteFailed", message: expect.stringContaining("pipe cannot be written") };
  const before = fullPipe().destroy();
  await expect(streamSink(before, "pipe").write(0, new Uint8Array(10))).rejects.toMatchObject(gone);
  await expect(streamSink(before, "pipe").commit()).rejects.toMatchObject(gone);
  const meanwhile = fullPipe();
  const writing = streamSink(meanwhile, "pipe").write(0, new Uint8Array(10));
  meanwhile.destroy();
  await expect(writing).rejects.toMatchObject(gone);
});
