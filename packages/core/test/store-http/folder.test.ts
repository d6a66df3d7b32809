import { getEventListeners } from "node:events";
import { type AbsolutePath, openOmeZarr, openStore, readHierarchy, type Store } from "@ozx/core";
import { collectEntries } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import {
  isFullRun,
  type RangeServer,
  type RangeServerOptions,
  type SampleOptions,
  sampleStore,
  startRangeServer,
} from "@ozx/testing";
import { afterEach, describe, expect, test } from "vitest";

let server: RangeServer | undefined;
afterEach(() => server?.close());

const SMALL: SampleOptions = { size: { c: 2, z: 2, y: 80, x: 70 }, levels: 2, chunk: 32 };
const KINDS: readonly SampleOptions[] = [
  { ...SMALL, codec: "zstd" },
  { ...SMALL, codec: "gzip", shards: true },
  { ...SMALL, codec: "blosc", version: "0.4", separator: "." },
];

describe.each(KINDS)("an image on a server: %o", (options) => {
  test("has the metadata and pixels that it has elsewhere", async () => {
    const local = await openOmeZarr(await sampleStore(options), { formats: [] });
    const { url } = await serve(await sampleStore(options));
    const remote = await openOmeZarr(url, { formats: [] });
    // Tables are no part of OME-Zarr, so nothing names them.
    const named = [...local.hierarchy.nodes.keys()].filter((path) => !path.startsWith("/tables"));
    expect([...remote.hierarchy.nodes.keys()]).toEqual(named);
    expect(remote.images[0]?.labels.map(({ path }) => path)).toEqual(
      local.images[0]?.labels.map(({ path }) => path),
    );
    const selection = { c: 1, y: [10, 60] } as const;
    expect(await remote.images[0]?.level(0).read(selection)).toEqual(
      await local.images[0]?.level(0).read(selection),
    );
  });

  test("conforms to the rules that can be checked, and says which cannot", async () => {
    const { url } = await serve(await sampleStore(options));
    const store = await openStore(url, { formats: [] });
    const report = await validateOmeZarr(store, { formats: [], deep: true });
    expect(report.counts.errors).toBe(0);
    expect(report.notes.join()).toContain("A server does not list");
  });
});

test("a plain image costs no request but for the nodes that it names", async () => {
  const { url } = await serve(await sampleStore(SMALL));
  await openOmeZarr(url, { formats: [] });
  const asked = server?.requests.map(({ path }) => path) ?? [];
  // The root is asked for to see whether it is one, and its consolidated metadata is looked for in it.
  expect(new Set(asked).size).toBeGreaterThanOrEqual(asked.length - 2);
  expect(asked.every((path) => path.endsWith("/zarr.json"))).toBe(true);
});

test("consolidated metadata is the only request", async () => {
  const store = await sampleStore(SMALL);
  const metadata: Record<string, unknown> = {};
  for (const { key } of await collectEntries(store.list({ names: ["zarr.json"] }))) {
    if (key !== "/zarr.json") metadata[key.slice(1, -"/zarr.json".length)] = json(await store.get(key));
  }
  const root = json(await store.get("/zarr.json")) as object;
  const consolidated = { kind: "inline", must_understand: false, metadata };
  const text = JSON.stringify({ ...root, consolidated_metadata: consolidated });
  await store.set("/zarr.json", new TextEncoder().encode(text));
  const { url } = await serve(store);
  const node = await openOmeZarr(url, { formats: [] });
  expect(node.images[0]?.levels).toHaveLength(2);
  expect(new Set(server?.requests.map(({ path }) => path))).toEqual(new Set(["/image.zarr/zarr.json"]));
});

test("many values that are read with one signal leave no listeners on it", async () => {
  server = await startRangeServer((path) =>
    new TextEncoder().encode(path.endsWith("/zarr.json") ? "{}" : path),
  );
  const { signal } = new AbortController();
  const store = await openStore(server.url, { formats: [], signal });
  let most = 0;
  await Promise.all(
    Array.from({ length: isFullRun ? 2100 : 210 }, async (_, chunk) => {
      await store.get(`/c/${chunk}`, { signal });
      most = Math.max(most, getEventListeners(signal, "abort").length);
    }),
  );
  expect(most).toBe(1);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

describe("the body of what is refused is not waited for, so that its connection is free", () => {
  test.each<[string, (store: Store) => Promise<unknown>]>([
    ["a value", (store) => store.get("/c/0")],
    ["a part", (store) => store.getRange("/c/0", { offset: 0, length: 10 })],
    ["a stream", (store) => store.stream("/c/0")],
  ])("%s", async (_, read) => {
    let cancelled = 0;
    const page = (status: number): Response => {
      const body = new ReadableStream({ cancel: () => void cancelled++ });
      return new Response(body, { status, headers: { "Content-Type": "text/html" } });
    };
    const store = await openStore("http://127.0.0.1/image.zarr", {
      formats: [],
      http: {
        fetch: async (url, init) =>
          url.endsWith("/zarr.json") ? new Response("{}") : page("Range" in (init.headers ?? {}) ? 206 : 200),
      },
    });
    await expect(read(store)).rejects.toMatchObject({ _tag: "InvalidArchive" });
    expect(cancelled).toBe(1);
  });
});

test("what is in it cannot be listed, and that is said", async () => {
  const { url } = await serve(await sampleStore(SMALL));
  const store = await openStore(url, { formats: [] });
  expect(() => store.list()).toThrow(expect.objectContaining({ _tag: "Unsupported", location: url }));
});

test("a part of a value is cut to what there is of it", async () => {
  const store = await sampleStore(SMALL);
  const key: AbsolutePath = "/zarr.json";
  const whole = (await store.get(key)) as Uint8Array;
  const { url } = await serve(store);
  const remote = await openStore(url, { formats: [] });
  for (const range of [
    { offset: 3, length: 5 },
    { offset: whole.length - 4, length: 50 },
    { offset: whole.length + 10, length: 5 },
    { offset: 0, length: 0 },
    { suffixLength: 7 },
    { suffixLength: 1_000_000 },
  ]) {
    expect(await remote.getRange(key, range)).toEqual((await store.getRange(key, range))?.slice());
  }
  expect(await remote.getRange("/none", { suffixLength: 4 })).toBeUndefined();
});

test("a query in the address stays where it is", async () => {
  const { url } = await serve(await sampleStore(SMALL));
  const store = await openStore(`${url}/?token=x`, { formats: [] });
  expect(await store.get("/0/zarr.json")).toBeDefined();
});

test("a key that leads out of the folder is not requested", async () => {
  const { url } = await serve(await sampleStore(SMALL));
  const store = await openStore(url, { formats: [] });
  const before = server?.requests.length;
  expect(await store.get("/../secret")).toBeUndefined();
  expect(server?.requests.length).toBe(before);
});

describe("a server that does wrong never gives wrong pixels", () => {
  test("where a server answers 403 for missing keys, chunks may be missing", async () => {
    const { url } = await serve(await sparse(), { missing: 403 });
    const level = (await openOmeZarr(url, { formats: [] })).images[0]?.level(0);
    const { data } = (await level?.read({ c: 0, z: 0 })) ?? {};
    expect(Array.from(data as Uint16Array).some((value) => value > 0)).toBe(true);
  });

  test("where it does not, 403 is not a missing chunk", async () => {
    const store = await sampleStore(SMALL);
    const { url } = await serve(store, { forbidden: (path) => path.includes("/0/c/") });
    const level = (await openOmeZarr(url, { formats: [] })).images[0]?.level(0);
    await expect(level?.read({ c: 0, z: 0 })).rejects.toMatchObject({ _tag: "Unreadable" });
  });

  test("the meaning of 403 is requested again after a failure", async () => {
    let failures = 0;
    const { url } = await serve(await sparse(), { missing: 403 });
    const store = await openStore(url, {
      formats: [],
      http: {
        fetch: async (address, init) => {
          if (address.includes("not-there") && failures++ === 0) throw new Error("something else");
          return fetch(address, init);
        },
      },
    });
    await expect(store.get("/none")).rejects.toThrow("something else");
    expect(await store.get("/none")).toBeUndefined();
    expect(await store.get("/none/either")).toBeUndefined();
    expect(failures).toBe(2);
  });

  test("and an aborted call does not wait for it", async () => {
    const { url } = await serve(await sparse(), { missing: 403 });
    const controller = new AbortController();
    const store = await openStore(url, {
      formats: [],
      http: {
        fetch: async (address, init) => {
          if (!address.includes("not-there") || controller.signal.aborted) return fetch(address, init);
          setTimeout(() => controller.abort(new Error("enough")));
          return new Promise((_, reject) => init.signal?.addEventListener("abort", reject));
        },
      },
    });
    await expect(store.get("/none", { signal: controller.signal })).rejects.toThrow("enough");
    expect(await store.get("/none")).toBeUndefined();
  });

  test.each([
    ["web-page", "InvalidArchive"],
    ["no-ranges", undefined],
    ["shifted", "InvalidArchive"],
    ["short", "InvalidArchive"],
    ["cut", undefined],
    ["busy", undefined],
  ] as const)("%s", async (fault, tag) => {
    const local = await sampleStore({ ...SMALL, shards: true });
    const { url } = await serve(local, { fault, from: "/0/c/" });
    const level = (await openOmeZarr(url, { formats: [] })).images[0]?.level(0);
    const corner = { c: 0, z: 0, y: [0, 10], x: [0, 10] } as const;
    const reading = level?.read(corner);
    if (tag !== undefined) return expect(reading).rejects.toMatchObject({ _tag: tag });
    const right = (await openOmeZarr(local, { formats: [] })).images[0]?.level(0);
    return expect(await reading).toEqual(await right?.read(corner));
  });

  test("a shard that is replaced between two reads of its parts", async () => {
    const { url } = await serve(await sampleStore({ ...SMALL, shards: true }), {
      fault: "replaced",
      from: "/0/c/",
    });
    const store = await openStore(url, { formats: [] });
    const read = (offset: number) => store.getRange("/0/c/0/0/0/0", { offset, length: 4 });
    for (const offset of [0, 4, 8]) expect(await read(offset)).toHaveLength(4);
    await expect(read(12)).rejects.toMatchObject({ _tag: "SourceChanged" });
  });
});

test("paths in the metadata that lead out of the image are not followed", async () => {
  const store = await sampleStore(SMALL);
  const root = json(await store.get("/zarr.json")) as {
    attributes: { ome: { multiscales: { datasets: { path: string }[] }[] } };
  };
  root.attributes.ome.multiscales[0]?.datasets.push({ path: "../../secret" }, { path: "../image.zarr-2" });
  await store.set("/zarr.json", new TextEncoder().encode(JSON.stringify(root)));
  const { url } = await serve(store);
  const remote = await openStore(url, { formats: [] });
  await readHierarchy(remote);
  const asked = server?.requests.map(({ path }) => path) ?? [];
  expect(asked).toContain("/image.zarr/0/zarr.json");
  expect(asked.filter((path) => !path.startsWith("/image.zarr/"))).toEqual([]);
  expect(asked.filter((path) => path.includes("secret"))).toEqual([]);
});

test("an address without OME-Zarr is reported as what it is", async () => {
  const { url } = await serve(await sampleStore(SMALL));
  await expect(openStore(`${url}/nothing`, { formats: [] })).rejects.toMatchObject({
    _tag: "NotFound",
  });
  await expect(openStore(`${url}/nothing.zarr`, { formats: [] })).rejects.toMatchObject({
    _tag: "NotFound",
  });
});

async function sparse() {
  const store = await sampleStore(SMALL);
  const keys = (await collectEntries(store.list({ prefix: "/0/c" }))).map(({ key }) => key);
  const removed = new Set(keys.filter((_, index) => index % 2 === 0));
  return { ...store, get: async (key: AbsolutePath) => (removed.has(key) ? undefined : store.get(key)) };
}

interface Serving extends RangeServerOptions {
  readonly forbidden?: (path: string) => boolean;
  /** Only what has this in its path is served with the fault. */
  readonly from?: string;
}

async function serve(store: Store, { forbidden, from, ...options }: Serving = {}): Promise<RangeServer> {
  const files = new Map<string, Uint8Array>();
  for (const { key } of await collectEntries(store.list())) {
    const value = await store.get(key);
    if (value !== undefined) files.set(`/image.zarr${key}`, value);
  }
  server = await startRangeServer((path) => files.get(path), {
    ...options,
    ...(from !== undefined && { faultAt: (path: string) => path.includes(from) }),
    ...(forbidden !== undefined && { forbidden }),
  });
  return server;
}

function json(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
