import { fuzzRuns } from "@ozx/testing";
import { expect, test } from "vitest";
import { type Codecs, loadCodecs } from "../../src/codecs/codecs.js";
import { DamagedChunkError } from "../../src/codecs/fault.js";
import { isOzxError } from "../../src/errors.js";
import { chunkData, damage, decodeFrame, keptFrames, sameBytes, seeded } from "./chunk-data.js";

/** interop/test/chunk-codecs.test.ts compares with numcodecs. */
const RUNS = fuzzRuns({ sample: 500 });
const SEED = process.env["OZX_FUZZ_SEED"];

test("WebAssembly and plain JavaScript agree about damaged chunks, and neither remembers the last one", async () => {
  const frames = await keptFrames();
  const random = SEED === "random" ? Math.random : seeded(Number(SEED ?? 9));
  const simd = await loadCodecs({ engine: "simd", platform: false });
  const plain = await loadCodecs({ engine: "plain", platform: false });
  const platform = await loadCodecs();
  const secret = "what another chunk had ";
  let refused = 0;
  for (let run = 0; run < RUNS; run++) {
    const frame = frames[Math.floor(random() * frames.length)] ?? expect.unreachable();
    const bytes = damage(frame.frame, random);
    // Memory is full of another chunk's pixels before each case.
    await simd.lz4.encode(Buffer.from(secret.repeat(600)), {});
    const results = [simd, plain, platform].map((codecs) => decodedOr(codecs, frame, bytes));
    const [first, second, third] = results;
    const agree = sameBytes(first, second) && sameBytes(first, third);
    expect(agree, `run ${run} of ${frame.codec} ${frame.name}`).toBe(true);
    if (first === undefined) refused++;
    else {
      expect(first.length).toBe(frame.length);
      expect(Buffer.from(first).includes(secret)).toBe(false);
    }
  }
  expect(refused).toBeGreaterThan(RUNS / 4);
  // And then all is as it was.
  for (const frame of frames.slice(0, 40)) {
    expect(sameBytes(decodeFrame(simd, frame, frame.frame), chunkData(frame.kind, frame.length))).toBe(true);
  }
}, 600_000);

function decodedOr(
  codecs: Codecs,
  frame: Parameters<typeof decodeFrame>[1],
  bytes: Uint8Array,
): Uint8Array | undefined {
  try {
    return decodeFrame(codecs, frame, bytes);
  } catch (error) {
    if (error instanceof DamagedChunkError || isOzxError(error, "Unsupported")) return undefined;
    throw error;
  }
}
