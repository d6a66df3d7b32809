import type { AbsolutePath, Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { stringifyJson } from "@ozx/core/internal";
import { imageMetadata, sampleStore, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { planTransfer, runTransfer } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const TINY = { size: { c: 1, z: 1, y: 40, x: 40 }, levels: 1, chunk: 32 } as const;

async function snapshot(store: Store): Promise<Map<string, Uint8Array | undefined>> {
  const values = new Map<string, Uint8Array | undefined>();
  for await (const { key } of store.list()) values.set(key, await store.get(key));
  return values;
}

test.each(["0.4", "0.5"] as const)("%s goes unchanged to a target without needs", async (version) => {
  const source = await sampleStore({ ...TINY, version });
  const target = memoryTarget();
  const plan = await planTransfer(source, {});
  expect(plan).toMatchObject({ from: version, to: version, findings: [] });
  await runTransfer(plan, target);
  expect(await snapshot(target.store)).toEqual(await snapshot(source));
});

test("a plan says how many bytes it writes, and that it upgrades", async () => {
  const plan = await planTransfer(await sampleStore({ ...TINY, version: "0.4" }), { zarrFormat: 3 });
  expect(plan).toMatchObject({ from: "0.4", to: "0.5" });
  expect(plan.bytes).toBe(plan.entries.reduce((sum, { size }) => sum + size, 0));
});

test("what desktops leave in folders is left out, and the plan says so", async () => {
  const source = await sampleStore(TINY);
  for (const key of ["/.DS_Store", "/0/.DS_Store", "/0/._c", "/Thumbs.db"] as const)
    await source.set(key, new Uint8Array(1));
  const plan = await planTransfer(source, {});
  expect(plan.entries.map(({ key }) => key).filter((key) => /DS_Store|\._c|Thumbs/.test(key))).toEqual([]);
  expect(plan.findings).toMatchObject([{ rule: "left-out", severity: "info" }]);
  expect(plan.findings[0]?.message).toContain("4 files");
});

test.each([
  ["an empty store", memoryStore(new Map(), "x")],
  [
    "a Zarr group that is not OME-Zarr",
    memoryStore(
      new Map([["/zarr.json", new TextEncoder().encode('{"zarr_format":3,"node_type":"group"}')]]),
      "x",
    ),
  ],
])("%s is refused", async (_, source) => {
  await expect(planTransfer(source, {})).rejects.toMatchObject({ _tag: "UnknownFormat", location: "x" });
});

test.each([
  ["directory", "give x/a or x/b"],
  ["zip", "give --path a or --path b"],
])("the error for a %s around images says how to name one of them", async (format, hint) => {
  const document = (attributes: object): Uint8Array =>
    stringifyJson({ zarr_format: 3, node_type: "group", attributes });
  const image = document({ ome: { version: "0.5", multiscales: [] } });
  const values = new Map<AbsolutePath, Uint8Array>([
    ["/zarr.json", document({})],
    ["/a/zarr.json", image],
    ["/b/zarr.json", image],
  ]);
  await expect(planTransfer({ ...memoryStore(values, "x"), format }, {})).rejects.toThrow(hint);
});

test("an entry of more than 4 GiB is reported where not every reader of the output sees it", async () => {
  const source = await sampleStore(TINY);
  const chunk: AbsolutePath = "/0/c/0/0/0/0";
  const sized = async function* (): AsyncGenerator<{ key: AbsolutePath; size: number }> {
    for await (const entry of source.list())
      yield entry.key === chunk ? { key: chunk, size: 2 ** 32 } : entry;
  };
  const large: Store = Object.create(source, { list: { value: sized } });
  const findings = async (largestEntry?: number): Promise<readonly unknown[]> =>
    (await planTransfer(large, { largestEntry })).findings.map(({ rule, where }) => [rule, where]);
  expect(await findings(2 ** 32 - 1)).toEqual([["large-entry", chunk]]);
  expect(await findings(2 ** 32)).toEqual([]);
  expect(await findings()).toEqual([]);
});

test("a key that would leave a folder is refused", async () => {
  const source = await sampleStore(TINY);
  await source.set("/0/../../evil", new Uint8Array(1));
  await expect(planTransfer(source, {})).rejects.toMatchObject({ _tag: "UnsafeName", path: "/0/../../evil" });
});

test("an aborted signal stops the planning", async () => {
  await expect(planTransfer(await sampleStore(TINY), {}, { signal: AbortSignal.abort() })).rejects.toThrow(
    /abort/i,
  );
});

test("chunks in folders where a dot separates are copied, and the plan says that no reader uses them", async () => {
  const levels = { "/0": { shape: [4, 4], document: { dimension_names: ["y", "x"] } } };
  const source = memoryStore(smallImage({ "/": imageMetadata("yx") }, levels), "image.zarr");
  const chunk = new Uint8Array(32);
  for (const key of ["/0/c/0/0", "/0/0/0", "/0/0.0"] as const) await source.set(key, chunk);
  const target = memoryTarget();
  const plan = await planTransfer(source, { zarrFormat: 3 });
  expect(plan.findings.map(({ message }) => message)).toEqual([
    "2 entries are copied that no reader uses: /0/0/0 is not the name of a chunk of the array /0. The same applies to 1 more.",
  ]);
  await runTransfer(plan, target);
  expect(await snapshot(target.store)).toEqual(await snapshot(source));
});
