import { sampleMap } from "@ozx/testing";
import { expect, test } from "vitest";
import {
  type AbsolutePath,
  collectEntries,
  filesStore,
  openHttpFolder,
  openOmeZarr,
  readHierarchy,
  stringifyJson,
} from "../../src/index.js";

const BASE = "https://data.example/images/cells.zarr";
const SIZE = { size: { c: 2, z: 1, y: 64, x: 64 }, levels: 2, chunk: 32 } as const;

/** A server that has these files, as a bucket does: it sends them, parts of them, and no lists. */
function serverOf(entries: ReadonlyMap<AbsolutePath, Uint8Array>) {
  const asked: string[] = [];
  const serve = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    asked.push(`${init.method} ${decodeURIComponent(pathname.slice("/images/cells.zarr".length))}${search}`);
    const value = entries.get(
      decodeURIComponent(pathname.slice("/images/cells.zarr".length)) as AbsolutePath,
    );
    if (value === undefined) return new Response(null, { status: 404 });
    const body = value as Uint8Array<ArrayBuffer>;
    const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init.headers).get("range") ?? "");
    const headers = { "content-length": String(value.length) };
    if (init.method === "HEAD") return new Response(null, { headers });
    if (range === null) return new Response(body, { headers });
    const [first, last] = [Number(range[1]), Math.min(Number(range[2]), value.length - 1)];
    return new Response(body.slice(first, last + 1), {
      status: 206,
      headers: { "content-range": `bytes ${first}-${last}/${value.length}` },
    });
  };
  return { fetch: serve, asked };
}

async function nodesOf(entries: ReadonlyMap<AbsolutePath, Uint8Array>): Promise<string[]> {
  const files = new Map(
    [...entries].map(([key, value]) => [key.slice(1), new File([value as Uint8Array<ArrayBuffer>], key)]),
  );
  return [...(await readHierarchy(filesStore(files, "local"))).nodes.keys()].filter(
    (path) => !path.startsWith("/tables"),
  );
}

test.each([
  ["0.5", {}],
  ["0.5 with shards", { shards: true }],
  ["0.4", { version: "0.4" }],
] as const)(
  "a folder of OME-Zarr %s has the nodes that its metadata names, and its pixels",
  async (_, options) => {
    const entries = await sampleMap({ ...SIZE, ...options });
    const { fetch } = serverOf(entries);
    await using node = await openOmeZarr(await openHttpFolder(`${BASE}/`, { fetch }), { formats: [] });
    expect([...node.hierarchy.nodes.keys()]).toEqual(await nodesOf(entries));
    const [level] = node.images[0]?.levels ?? [];
    const there = await level?.read({ c: 1, z: 0, y: [10, 40] });
    const files = new Map(
      [...entries].map(([key, value]) => [key.slice(1), new File([value as Uint8Array<ArrayBuffer>], key)]),
    );
    await using local = await openOmeZarr(filesStore(files, "local"), { formats: [] });
    const here = await local.images[0]?.level(0).read({ c: 1, z: 0, y: [10, 40] });
    expect(there?.data).toEqual(here?.data);
  },
);

test("consolidated metadata needs no further request", async () => {
  const entries = await sampleMap(SIZE);
  const metadata: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    const path = key.slice(1, -"/zarr.json".length);
    if (key.endsWith("/zarr.json") && path !== "")
      metadata[path] = JSON.parse(new TextDecoder().decode(value));
  }
  const root = JSON.parse(new TextDecoder().decode(entries.get("/zarr.json")));
  entries.set("/zarr.json", stringifyJson({ ...root, consolidated_metadata: { kind: "inline", metadata } }));
  const { fetch, asked } = serverOf(entries);
  const store = await openHttpFolder(`${BASE}?token=1`, { fetch });
  const nodes = [...(await readHierarchy(store)).nodes.keys()];
  expect(nodes).toContain("/tables/measurements");
  expect(asked).toEqual(["GET /zarr.json?token=1"]);
});

test("a folder on a server is not listed, and says so", async () => {
  const store = await openHttpFolder(BASE, { fetch: serverOf(await sampleMap(SIZE)).fetch });
  await expect(collectEntries(store.list())).rejects.toMatchObject({
    _tag: "Unsupported",
    message: /no server says what is in a folder/,
  });
});

test("an address without an image is no OME-Zarr", async () => {
  await expect(openHttpFolder(BASE, { fetch: serverOf(new Map()).fetch })).rejects.toMatchObject({
    _tag: "UnknownFormat",
    message: expect.stringContaining(BASE),
  });
});

test("paths that lead out of the image are not followed", async () => {
  const entries = await sampleMap(SIZE);
  const root = JSON.parse(new TextDecoder().decode(entries.get("/zarr.json")));
  root.attributes.ome.multiscales[0].datasets.push({ path: "../../secret" }, { path: "/etc" }, { path: "" });
  entries.set("/zarr.json", stringifyJson(root));
  const { fetch, asked } = serverOf(entries);
  await openHttpFolder(BASE, { fetch });
  expect(asked.filter((line) => /secret|etc/.test(line))).toEqual([]);
});
