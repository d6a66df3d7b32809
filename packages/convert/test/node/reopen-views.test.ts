import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath, Store } from "@ozx/core";
import { storeAt } from "@ozx/core/internal";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { reopen } from "@ozx/core/node";
import { writeSampleFolder } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selectView, type TransferSelection } from "../../src/index.js";

let folder: string;
let image: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ozx-views-"));
  image = join(folder, "image.zarr");
  await writeSampleFolder(image, { size: { c: 2, z: 4, y: 128, x: 128 }, levels: 2, chunk: 32 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function valuesOf(store: Store): Promise<Map<AbsolutePath, Uint8Array | undefined>> {
  const values = new Map<AbsolutePath, Uint8Array | undefined>();
  for await (const { key } of store.list()) values.set(key, await store.get(key));
  return values;
}

describe.each([
  ["levels", { levels: { start: 1, stop: undefined } }],
  ["ranges", { ranges: { c: { start: 1, stop: 2 }, y: { start: 64, stop: 128 } } }],
  ["levels and ranges", { levels: { start: 0, stop: 1 }, ranges: { x: { start: 32, stop: 96 } } }],
] as [string, TransferSelection][])("a part of an image (%s)", (_, selection) => {
  test.each([
    ["a clone of its descriptor", structuredClone],
    ["its descriptor by JSON", (value: unknown): unknown => JSON.parse(JSON.stringify(value))],
  ])("is opened again by %s", async (_, send) => {
    const view = await selectView(openDirectoryStore(image), selection);
    const descriptor = send(view.descriptor?.()) as NonNullable<ReturnType<NonNullable<Store["descriptor"]>>>;
    const again = await reopen(descriptor, { formats: [] });
    const values = await valuesOf(view);
    expect(values.size).toBeGreaterThan(4);
    expect(await valuesOf(again)).toEqual(values);
    expect(await again.fingerprint?.(values.keys())).toEqual(await view.fingerprint?.(values.keys()));
  });
});

test("a part of a node is opened again with both views", async () => {
  const inner = await storeAt(openDirectoryStore(folder), "image.zarr");
  const view = await selectView(inner, { levels: { start: 1, stop: 2 } });
  const again = await reopen(structuredClone(view.descriptor?.()) as never, { formats: [] });
  expect(again.name).toBe(`${folder}/image.zarr`);
  expect(await valuesOf(again)).toEqual(await valuesOf(view));
});
