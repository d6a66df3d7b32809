import type { ChunkWorkers } from "@ozx/core";
import type { ChunkTask } from "@ozx/core/internal";
import {
  type ChunkTaskRequest,
  type ChunkThread,
  type ChunkThreadEvents,
  createChunkPool,
  inlineWorkers,
  serveChunks,
} from "@ozx/core/internal";
import { expect, test } from "vitest";

const TASK: ChunkTask = {
  kind: "recode",
  from: { kind: "bytes", codecs: [] },
  to: [{ name: "gzip", configuration: { level: 6 } }],
  size: 64,
};

/**
 * A thread that is none: it answers when it is told to.
 *
 * @param tellsEnd whether it says that it has ended when it is ended, as threads of Node do and workers of a page do not
 */
function threads(tellsEnd = false) {
  const started: { events: ChunkThreadEvents; orders: ChunkTaskRequest[]; answer(): Promise<void> }[] = [];
  const start = (events: ChunkThreadEvents): ChunkThread => {
    const serve = serveChunks((report) => events.onResult(report));
    const orders: ChunkTaskRequest[] = [];
    const answer = async (): Promise<void> => {
      const order = orders.shift();
      if (order !== undefined) await serve(order);
    };
    started.push({ events, orders, answer });
    const end = async (): Promise<void> => {
      if (tellsEnd) events.onEnd(new Error("it was ended"));
    };
    return { send: (order) => orders.push(order), end };
  };
  return { started, start };
}

const chunk = (value: number): Uint8Array => new Uint8Array(64).fill(value);

async function expected(value: number): Promise<Uint8Array | string> {
  return inlineWorkers().run(TASK, chunk(value));
}

test("threads are started for work alone, and each gets two chunks at a time", async () => {
  const { started, start } = threads();
  const pool = createChunkPool({ workers: 2, start });
  expect(started).toHaveLength(0);
  const results = [1, 2, 3, 4, 5].map((value) => pool.run(TASK, chunk(value)));
  expect(started.map(({ orders }) => orders.length)).toEqual([2, 2]);
  await started[0]?.answer();
  expect(started.map(({ orders }) => orders.length)).toEqual([2, 2]);
  for (const thread of [...started, ...started]) await thread.answer();
  expect(await Promise.all(results)).toEqual(await Promise.all([1, 2, 3, 4, 5].map(expected)));
});

test("those that shall be ready are started at once", () => {
  const { started, start } = threads();
  createChunkPool({ workers: 3, prestarted: 2, start });
  expect(started).toHaveLength(2);
});

test("what is aborted before its turn is sent to no thread", async () => {
  const { started, start } = threads();
  const pool = createChunkPool({ workers: 1, start });
  const kept = [1, 2].map((value) => pool.run(TASK, chunk(value)));
  const controller = new AbortController();
  const aborted = pool.run(TASK, chunk(3), { signal: controller.signal });
  const last = pool.run(TASK, chunk(4));
  controller.abort(new Error("no longer wanted"));
  await expect(aborted).rejects.toThrow("no longer wanted");
  await started[0]?.answer();
  expect(started[0]?.orders.map(({ bytes }) => bytes?.[0])).toEqual([2, 4]);
  for (let k = 0; k < 2; k++) await started[0]?.answer();
  expect(await Promise.all([...kept, last])).toEqual(await Promise.all([1, 2, 4].map(expected)));
});

/** A pool whose threads get what is transferred to them, as real ones do. */
function takingPool(instead?: ChunkWorkers) {
  const taken: ArrayBuffer[] = [];
  const start = ({ onResult: onReport }: ChunkThreadEvents): ChunkThread => {
    const serve = serveChunks(onReport);
    const send: ChunkThread["send"] = (order, transfer) => {
      taken.push(...transfer);
      void serve(structuredClone(order, { transfer }));
    };
    return { send, end: async () => {} };
  };
  return { taken, pool: createChunkPool({ workers: 1, start, fallback: instead }) };
}

test("spare bytes are transferred if they are a whole buffer; others are copied", async () => {
  const { taken, pool } = takingPool();
  const [spare, needed, part] = [chunk(1), chunk(2), new Uint8Array(128).fill(3).subarray(64)];
  expect(await pool.run(TASK, spare, { isSpare: true })).toEqual(await expected(1));
  expect(await pool.run(TASK, needed)).toEqual(await expected(2));
  expect(await pool.run(TASK, part, { isSpare: true })).toEqual(await expected(3));
  expect(taken).toHaveLength(3);
  expect([spare, needed, part].map(({ length }) => length)).toEqual([0, 64, 64]);
});

test("two chunks are compared by a thread, as they decode", async () => {
  const { started, start } = threads();
  const pool = createChunkPool({ workers: 1, start });
  const gzip = { name: "gzip", configuration: { level: 6 } };
  const task = { kind: "equal", codecs: [[gzip], []], size: 64 } as const;
  const packed = await expected(1);
  if (typeof packed === "string") expect.unreachable(packed);
  const pairs = [
    [packed, chunk(1)],
    [packed, chunk(2)],
    [chunk(3), chunk(3)],
  ] as const;
  const results = pairs.map((pair) => pool.isEqual(task, pair));
  for (const _ of pairs) await started[0]?.answer();
  // What does not decode is equal to nothing.
  expect(await Promise.all(results)).toEqual([true, false, false]);
});

test("with a fallback nothing is transferred", async () => {
  const { pool } = takingPool(inlineWorkers());
  const bytes = chunk(1);
  await pool.run(TASK, bytes, { isSpare: true });
  expect(bytes).toHaveLength(64);
});

test("when a thread ends its tasks fail, and another thread replaces it", async () => {
  const { started, start } = threads();
  const pool = createChunkPool({ workers: 1, start });
  const first = pool.run(TASK, chunk(1));
  await started[0]?.answer();
  expect(await first).toEqual(await expected(1));
  const lost = pool.run(TASK, chunk(2));
  started[0]?.events.onEnd(new Error("it ended"));
  await expect(lost).rejects.toThrow("it ended");
  const next = pool.run(TASK, chunk(3));
  await started[1]?.answer();
  expect(await next).toEqual(await expected(3));
});

test("a thread that ends before its first result is not started again, however many chunks wait", async () => {
  const { started, start } = threads();
  const pool = createChunkPool({ workers: 1, start });
  const results = [1, 2, 3, 4, 5].map((value) => pool.run(TASK, chunk(value)));
  started[0]?.events.onEnd(new Error("it could not be loaded"));
  results.push(pool.run(TASK, chunk(6)));
  for (const result of results) await expect(result).rejects.toThrow("it could not be loaded");
  expect(started).toHaveLength(1);
});

test("threads that give a result and end, again and again, are not replaced without end", async () => {
  const { started, start } = threads();
  const pool = createChunkPool({ workers: 1, start });
  const results = Array.from({ length: 100 }, (_, k) => pool.run(TASK, chunk(k)));
  for (const result of results) result.catch(() => {});
  for (let at = 0; at < started.length; at++) {
    await started[at]?.answer();
    started[at]?.events.onEnd(new Error("no memory"));
  }
  expect(started.length).toBeLessThan(10);
  for (const one of (await Promise.allSettled(results)).slice(30)) {
    expect(one).toMatchObject({ status: "rejected", reason: { message: "no memory" } });
  }
});

test("a chunk that cannot be sent to a thread fails alone", async () => {
  const { started, start } = threads();
  let refusals = 1;
  const pool = createChunkPool({
    workers: 1,
    start(events) {
      const { send, end } = start(events);
      const refuse: ChunkThread["send"] = (order, transfer) => {
        if (refusals-- > 0) throw new Error("the buffer is detached");
        send(order, transfer);
      };
      return { send: refuse, end };
    },
  });
  const refused = pool.run(TASK, chunk(1));
  const next = pool.run(TASK, chunk(2));
  await expect(refused).rejects.toThrow("the buffer is detached");
  await started[0]?.answer();
  expect(await next).toEqual(await expected(2));
});

test("what stands in for threads does all that those that fail had, and all that comes", async () => {
  const { started, start } = threads();
  const pool = createChunkPool({ workers: 2, start, fallback: inlineWorkers() });
  const results = [1, 2, 3, 4, 5].map((value) => pool.run(TASK, chunk(value)));
  started[0]?.events.onEnd(new Error("it could not be loaded"));
  results.push(pool.run(TASK, chunk(6)));
  for (let k = 0; k < 2; k++) await started[1]?.answer();
  expect(await Promise.all(results)).toEqual(await Promise.all([1, 2, 3, 4, 5, 6].map(expected)));
  expect(started).toHaveLength(2);
});

test.each([
  { tellsEnd: true, instead: undefined },
  { tellsEnd: false, instead: undefined },
  { tellsEnd: true, instead: inlineWorkers() },
])(
  "what a closed pool had is given up, and no thread is started for it: %j",
  async ({ tellsEnd, instead }) => {
    const { started, start } = threads(tellsEnd);
    const pool = createChunkPool({ workers: 2, start, fallback: instead });
    const results = [1, 2, 3, 4, 5, 6].map((value) => pool.run(TASK, chunk(value)));
    await Promise.all([
      pool.close(),
      ...results.map((result) => expect(result).rejects.toThrow("have been ended")),
      expect(pool.run(TASK, chunk(7))).rejects.toThrow("have been ended"),
    ]);
    await started[0]?.answer();
    await expect(pool.run(TASK, chunk(8))).rejects.toThrow("have been ended");
    expect(started).toHaveLength(2);
  },
);
