import * as zip from "@ozx/store-zip";
import * as node from "@ozx/store-zip/node";
import { expect, test } from "vitest";
import { inRoot } from "../../../../scripts/lib/paths.mjs";
import { publicApi, runtimeNames } from "../../../../scripts/lib/public-api.mjs";

// A change here is a change for users: it needs a changeset. `npm test -- -u packages/store-zip` writes the files.
test("@ozx/store-zip exports what it did", async () => {
  const api = publicApi(inRoot("packages/store-zip/src/index.ts"));
  expect(runtimeNames(api)).toEqual(Object.keys(zip).sort());
  await expect(`${api.join("\n")}\n`).toMatchFileSnapshot("public-api.txt");
});

test("@ozx/store-zip/node exports what it did", async () => {
  const api = publicApi(inRoot("packages/store-zip/src/node/index.ts"));
  expect(runtimeNames(api)).toEqual(Object.keys(node).sort());
  await expect(`${api.join("\n")}\n`).toMatchFileSnapshot("public-api-node.txt");
});
