import { setTimeout } from "node:timers/promises";
import { type BucketServer, startBucketServer, startFaultProxy } from "@ozx/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openBucket } from "../../../src/node/bucket/bucket-client.js";
import { type MultipartSinkOptions, multipartSink } from "../../../src/node/bucket/multipart-sink.js";
import { cutIntoParts, LARGEST_OBJECT, partSizesFor } from "../../../src/node/bucket/part-sizes.js";

const MIB = 1024 * 1024;
/** Two whole parts and a piece of a third. */
const CONTENT = Uint8Array.from({ length: 20 * MIB }, (_, at) => (at * 2654435761) >>> 13);

let server: BucketServer;
beforeEach(async () => {
  server = await startBucketServer();
  vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ENDPOINT_URL", server.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

async function sinkAt(location: string, options?: MultipartSinkOptions) {
  const { client, key } = await openBucket(location, { firstWait: 1 });
  return multipartSink(client, key, options);
}

async function write(content: Uint8Array, options?: MultipartSinkOptions, location = "s3://b/x y/ü.ozx") {
  const sink = await sinkAt(location, options);
  try {
    await sink.reserve?.(content.length);
    for (let at = 0; at < content.length; at += 3 * MIB)
      await sink.write(at, content.subarray(at, at + 3 * MIB));
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

const stored = (path = "b/x y/ü.ozx") => server.objects.get(path);

test("an object of several parts has the bytes that were written, and no upload is left", async () => {
  await write(CONTENT);
  expect(Buffer.compare(stored() ?? new Uint8Array(), CONTENT)).toBe(0);
  expect(server.uploads.size).toBe(0);
});

test("a small object, and an empty one, take one request", async () => {
  await write(CONTENT.subarray(0, 100));
  expect(server.requests).toEqual(["PUT /b/x%20y/%C3%BC.ozx"]);
  await write(new Uint8Array(), undefined, "s3://b/empty");
  expect(stored("b/empty")).toHaveLength(0);
});

test("bytes may be written in any order: the header of a large entry comes after its data", async () => {
  const sink = await sinkAt("s3://b/x y/ü.ozx");
  await sink.write(100, CONTENT.subarray(100));
  await sink.write(0, CONTENT.subarray(0, 100));
  await sink.commit();
  expect(Buffer.compare(stored() ?? new Uint8Array(), CONTENT)).toBe(0);
});

describe("an object that exists", () => {
  beforeEach(() => {
    server.objects.set("b/x y/ü.ozx", new Uint8Array([1]));
  });

  test.each([100, CONTENT.length])("is not replaced by one of %d bytes", async (length) => {
    await expect(write(CONTENT.subarray(0, length))).rejects.toMatchObject({ _tag: "DestinationExists" });
    expect(stored()).toHaveLength(1);
    expect(server.uploads.size).toBe(0);
  });

  test.each([100, CONTENT.length])("is replaced on request by one of %d bytes", async (length) => {
    await write(CONTENT.subarray(0, length), { overwrite: true });
    expect(stored()).toHaveLength(length);
  });
});

describe("a service or network that fails", () => {
  const through = async (fault: Parameters<typeof startFaultProxy>[1]) => {
    const proxy = await startFaultProxy(server.url, fault);
    vi.stubEnv("AWS_ENDPOINT_URL", proxy.url);
    return proxy;
  };

  test.each([
    ["answers every second request with 503", (n: number) => (n % 2 === 1 ? 503 : undefined)],
    ["closes the connection in every third request", (n: number) => (n % 3 === 1 ? "cut" : undefined)],
    ["loses every third answer", (n: number) => (n % 3 === 0 ? "lose" : undefined)],
    ["loses the answer about the upload", (n: number) => (n === 1 ? "lose" : undefined)],
    [
      "loses the answer to the end of the upload",
      (_: number, method: string, url: string) =>
        method === "POST" && url.includes("uploadId") && !seen.has(url) && seen.add(url) ? "lose" : undefined,
    ],
  ] as const)("%s: the object is complete, and no upload is left", async (_, fault) => {
    seen.clear();
    await using _proxy = await through(fault);
    await write(CONTENT);
    expect(Buffer.compare(stored() ?? new Uint8Array(), CONTENT)).toBe(0);
    expect(server.uploads.size).toBe(0);
  });
  const seen = new Set<string>();

  test("refuses one part for ever: nothing is there, and no upload is left", async () => {
    await using _proxy = await through((_, __, url) => (url.includes("partNumber=2") ? 503 : undefined));
    await expect(write(CONTENT)).rejects.toThrow(/s3:\/\/b\/x y\/ü\.ozx cannot be written.*SlowDown/);
    expect(stored()).toBeUndefined();
    expect(server.uploads.size).toBe(0);
  });

  test("refuses a part while it stores others: their upload is not brought back", async () => {
    await server.close();
    server = await startBucketServer({ storingTime: 200 });
    await using _proxy = await through((_, __, url) => (url.includes("partNumber=3") ? 403 : undefined));
    await expect(write(CONTENT)).rejects.toThrow("cannot be written");
    await setTimeout(400);
    expect(server.uploads.size).toBe(0);
  });

  test("cannot be reached: an error of the network", async () => {
    await server.close();
    await expect(write(CONTENT)).rejects.toMatchObject({ _tag: "Network" });
  });

  test("with --resume keeps the upload, and the next run sends only what is missing", async () => {
    {
      await using _proxy = await through((_, __, url) => (url.includes("partNumber=3") ? 503 : undefined));
      await expect(write(CONTENT, { resume: true })).rejects.toThrow();
      expect(server.uploads.size).toBe(1);
    }
    vi.stubEnv("AWS_ENDPOINT_URL", server.url);
    server.requests.length = 0;
    const found: unknown[] = [];
    await write(CONTENT, { resume: true, onResume: (one) => found.push(one) });
    expect(found).toEqual([{ parts: 2, bytes: 16 * MIB }]);
    expect(server.requests.filter((request) => request.startsWith("PUT"))).toHaveLength(1);
    expect(Buffer.compare(stored() ?? new Uint8Array(), CONTENT)).toBe(0);
  });

  test("parts of another content are sent again", async () => {
    {
      await using _proxy = await through((_, __, url) => (url.includes("partNumber=3") ? 503 : undefined));
      await expect(write(CONTENT, { resume: true })).rejects.toThrow();
    }
    vi.stubEnv("AWS_ENDPOINT_URL", server.url);
    const other = CONTENT.slice();
    other[9 * MIB] = 77;
    await write(other, { resume: true });
    expect(Buffer.compare(stored() ?? new Uint8Array(), other)).toBe(0);
  });
});

test("an aborted write leaves no upload where a part is being stored", async () => {
  await server.close();
  server = await startBucketServer({ storingTime: 200 });
  vi.stubEnv("AWS_ENDPOINT_URL", server.url);
  const controller = new AbortController();
  const sink = await sinkAt("s3://b/x y/ü.ozx");
  await sink.write(0, CONTENT.subarray(0, 9 * MIB), controller);
  await vi.waitUntil(() => server.requests.some((request) => request.startsWith("PUT")));
  controller.abort(new Error("enough"));
  await expect(sink.write(9 * MIB, CONTENT.subarray(9 * MIB), controller)).rejects.toThrow("enough");
  await sink.discard();
  await setTimeout(400);
  expect(server.uploads.size).toBe(0);
});

test("an aborted write ends with the signal's reason and leaves no upload", async () => {
  const controller = new AbortController();
  const sink = await sinkAt("s3://b/x y/ü.ozx");
  await sink.write(0, CONTENT.subarray(0, 9 * MIB), controller);
  controller.abort(new Error("enough"));
  await expect(sink.write(9 * MIB, CONTENT.subarray(9 * MIB), controller)).rejects.toThrow("enough");
  await sink.discard();
  expect(server.uploads.size).toBe(0);
  expect(stored()).toBeUndefined();
});

test("a write that leaves a gap is refused", async () => {
  const sink = await sinkAt("s3://b/gap");
  await sink.write(0, CONTENT.subarray(0, 100));
  await sink.write(200, CONTENT.subarray(200, 300));
  await expect(sink.commit()).rejects.toThrow("not written completely");
  await sink.discard();
});

describe("the parts of an object", () => {
  test.each([0, 1, 8 * MIB, 80_000 * MIB, 2 ** 40, LARGEST_OBJECT])(
    "of at least %d bytes keep the limits of S3",
    (least) => {
      const sizes = partSizesFor(least);
      expect(sizes.partAt(sizes.capacity - 1)).toBeLessThan(10_000);
      expect(sizes.capacity).toBeGreaterThanOrEqual(Math.min(LARGEST_OBJECT, 15 * least));
      expect(sizes.partAt(Math.max(0, least - 1))).toBeLessThan(8000);
      for (const index of [0, 1, 7999, 8000, 8199, 8200, 9000, 9999]) {
        expect(sizes.sizeOf(index)).toBeGreaterThanOrEqual(5 * MIB);
        expect(sizes.startOf(index + 1) - sizes.startOf(index)).toBe(sizes.sizeOf(index));
        expect(sizes.partAt(sizes.startOf(index))).toBe(index);
        expect(sizes.partAt(sizes.startOf(index + 1) - 1)).toBe(index);
      }
    },
  );

  test("that are cut from a range are about equal, and never too small", () => {
    for (const length of [5 * MIB, 16 * MIB, 16 * MIB + 1, 161 * MIB + 7]) {
      const parts = cutIntoParts(length, 16 * MIB);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(length);
      for (const part of parts) {
        expect(part).toBeGreaterThanOrEqual(5 * MIB);
        expect(part).toBeLessThanOrEqual(16 * MIB);
      }
    }
  });
});
