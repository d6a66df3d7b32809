import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOzxError } from "@ozx/core";
import { type Codecs, DamagedChunkError, loadCodecs } from "@ozx/core/codecs";
import { fuzzRuns } from "@ozx/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ChunkFrame,
  chunkData,
  damage,
  decodeFrame,
  noise,
  parseFrames,
  seeded,
} from "../../packages/core/test/codecs/chunk-data.js";
import { inInterop, python, run } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** Damages of each codec. */
const RUNS = fuzzRuns({ sample: 1_000, full: 5_000 });
const SEED = process.env["OZX_FUZZ_SEED"];
const NAMES = ["blosc", "zstd", "lz4", "gzip", "zlib"] as const;

describeWithTools("numcodecs, chunk by chunk", [python], () => {
  let temporary = "";
  let ways: (readonly [string, Codecs])[] = [];
  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), "ozx-chunks-"));
    ways = [
      ["platform", await loadCodecs()],
      ["simd", await loadCodecs({ engine: "simd", platform: false })],
      ["plain", await loadCodecs({ engine: "plain", platform: false })],
    ];
  });
  afterAll(() => rm(temporary, { recursive: true, force: true }));

  /** What numcodecs makes of each case: a size and a digest, or nothing where it refuses. */
  async function judge(cases: readonly Case[]): Promise<({ length: number; digest: number } | undefined)[]> {
    const [input, output] = [join(temporary, "cases"), join(temporary, "verdicts")];
    const parts = cases.flatMap(({ codec, length, bytes }) => {
      const head = Buffer.alloc(9);
      head.writeUInt8(NAMES.indexOf(codec), 0);
      head.writeUInt32LE(length, 1);
      head.writeUInt32LE(bytes.length, 5);
      return [head, bytes];
    });
    await writeFile(input, Buffer.concat(parts));
    await run(python, [inInterop("python/decode_chunks.py"), input, output]);
    const verdicts = await readFile(output);
    return cases.map((_, k) => {
      if (verdicts.readUInt8(9 * k) === 0) return undefined;
      return { length: verdicts.readUInt32LE(9 * k + 1), digest: verdicts.readUInt32LE(9 * k + 5) };
    });
  }

  test("decodes to the same bytes in every kind that it writes", { timeout: 600_000 }, async () => {
    const json = await run(python, [inInterop("python/make_chunk_frames.py"), "all"]);
    const frames = parseFrames(json);
    expect(frames.length).toBeGreaterThan(1000);
    const data = new Map<string, Uint8Array>();
    for (const frame of frames) {
      const key = `${frame.kind} ${frame.length}`;
      if (!data.has(key)) data.set(key, chunkData(frame.kind, frame.length));
      for (const [way, codecs] of ways) {
        const decoded = decodeFrame(codecs, frame, frame.frame);
        expect(
          Buffer.compare(decoded, data.get(key) ?? decoded),
          `${way}: ${frame.codec} ${frame.name}`,
        ).toBe(0);
      }
    }
  });

  test.for(NAMES)(
    "never decodes a damaged %s chunk to what numcodecs does not",
    { timeout: 600_000 },
    async (codec) => {
      const kept = parseFrames(await readFile(inInterop("../packages/core/test/codecs/frames.json"), "utf8"));
      const whole = kept.filter((frame) => frame.codec === codec && frame.length > 0);
      // Large enough for the platform's zstd.
      for (const kind of codec === "zstd" ? ["u16", "text", "runs"] : []) {
        const frame = await ways[0]?.[1].zstd.encode(chunkData(kind, 40_000), {
          level: 3,
          checksum: kind === "text",
        });
        if (frame !== undefined)
          for (let k = 0; k < 5; k++) whole.push({ codec, name: kind, kind, length: 40_000, frame });
      }
      const random = SEED === "random" ? Math.random : seeded(Number(SEED ?? 9) + NAMES.indexOf(codec));
      const cases: Case[] = Array.from({ length: RUNS }, () => {
        const { frame, length } = whole[Math.floor(random() * whole.length)] as ChunkFrame;
        return { codec, length, bytes: damage(frame, random) };
      });
      const verdicts = await judge(cases);
      const stricter: string[] = [];
      for (const [k, { length, bytes }] of cases.entries()) {
        const expected = verdicts[k]?.length === length ? verdicts[k] : undefined;
        const results = ways.map(([, codecs]) => decodedOr(codecs, { codec, length }, bytes));
        for (const result of results) {
          const told = `case ${k}: ${Buffer.from(bytes.subarray(0, 64)).toString("hex")}`;
          if (result !== undefined)
            expect({ length: result.length, digest: digestOf(result) }, told).toEqual(expected);
          // What numcodecs decodes may be refused: libzstd does not look whether every stream of literals ends where it should.
          else if (expected !== undefined) stricter.push(told);
        }
      }
      expect(stricter.length / ways.length / RUNS).toBeLessThan(0.1);
    },
  );

  test("reads what is encoded here", { timeout: 600_000 }, async () => {
    const cases: Case[] = [];
    const expected: { length: number; digest: number }[] = [];
    for (const [, codecs] of ways) {
      for (const [kind, length] of DATA) {
        const data = kind === "noise" ? noise(length, 3) : chunkData(kind, length);
        for (const [codec, bytes] of await encodeAll(codecs, data)) {
          cases.push({ codec, length, bytes });
          expected.push({ length, digest: digestOf(data) });
        }
      }
    }
    const verdicts = await judge(cases);
    for (const [k, verdict] of verdicts.entries()) {
      expect(verdict, `case ${k}: ${cases[k]?.codec} of ${cases[k]?.length}`).toEqual(expected[k]);
    }
  });
});

interface Case {
  readonly codec: (typeof NAMES)[number];
  readonly length: number;
  readonly bytes: Uint8Array;
}

const DATA = [
  ...[
    ["u16", 1],
    ["u16", 130],
    ["u16", 100_000],
    ["u32", 600_001],
    ["u64", 300_000],
  ],
  ...[
    ["text", 5],
    ["text", 50_000],
    ["zeros", 400_000],
    ["noise", 70_000],
    ["runs", 262_144],
  ],
] as [string, number][];

function decodedOr(codecs: Codecs, frame: Pick<ChunkFrame, "codec" | "length">, bytes: Uint8Array) {
  try {
    return decodeFrame(codecs, frame, bytes);
  } catch (error) {
    if (error instanceof DamagedChunkError || isOzxError(error, "Unsupported")) return undefined;
    throw error;
  }
}

async function encodeAll(
  codecs: Codecs,
  data: Uint8Array,
): Promise<(readonly [Case["codec"], Uint8Array])[]> {
  const encoded: (readonly [Case["codec"], Uint8Array])[] = [];
  for (const cname of ["lz4", "zstd", "zlib"] as const) {
    for (const shuffle of ["noshuffle", "shuffle", "bitshuffle"] as const) {
      for (const [typesize, blocksize] of [
        [1, 0],
        [2, 0],
        [3, 1000],
        [4, 0],
        [8, 4096],
        [16, 0],
        [17, 0],
      ] as const) {
        // Other levels of zlib need zlib, which browsers do not have.
        for (const clevel of cname === "zlib" ? [6] : [0, 1, 5]) {
          encoded.push([
            "blosc",
            await codecs.blosc.encode(data, { cname, shuffle, typesize, clevel, blocksize }),
          ]);
        }
      }
    }
  }
  for (const level of [-5, 0, 1, 9]) {
    for (const checksum of [false, true])
      encoded.push(["zstd", await codecs.zstd.encode(data, { level, checksum })]);
  }
  for (const acceleration of [1, 5, 1000])
    encoded.push(["lz4", await codecs.lz4.encode(data, { acceleration })]);
  encoded.push(["gzip", await codecs.gzip.encode(data, { level: 6 })]);
  encoded.push(["zlib", await codecs.zlib.encode(data, { level: 6 })]);
  return encoded;
}

function digestOf(bytes: Uint8Array): number {
  return createHash("sha256").update(bytes).digest().readUInt32LE(0);
}
