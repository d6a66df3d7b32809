import * as core from "@ozx/core";
import * as node from "@ozx/core/node";
import { expect, test } from "vitest";
import { inRoot } from "../../../../scripts/lib/paths.mjs";
import { publicApi, runtimeNames } from "../../../../scripts/lib/public-api.mjs";

// A change here is a change for users: it needs a changeset. `npm test -- -u packages/core` writes the files.
test("@ozx/core exports what it did", async () => {
  const api = publicApi(inRoot("packages/core/src/index.ts"));
  expect(runtimeNames(api)).toEqual(Object.keys(core).sort());
  await expect(`${api.join("\n")}\n`).toMatchFileSnapshot("public-api.txt");
});

test("@ozx/core/node exports what it did", async () => {
  const api = publicApi(inRoot("packages/core/src/node/index.ts"));
  expect(runtimeNames(api)).toEqual(Object.keys(node).sort());
  await expect(`${api.join("\n")}\n`).toMatchFileSnapshot("public-api-node.txt");
});
