import * as ozx from "ozx";
import { expect, test } from "vitest";
import { inRoot } from "../../../../scripts/lib/paths.mjs";
import { publicApi, runtimeNames } from "../../../../scripts/lib/public-api.mjs";

// A change here is a change for users: it needs a changeset. `npm test -- -u packages/cli` writes the file.
test("ozx exports what it did", async () => {
  const api = publicApi(inRoot("packages/cli/src/index.ts"));
  expect(runtimeNames(api)).toEqual(Object.keys(ozx).sort());
  await expect(`${api.join("\n")}\n`).toMatchFileSnapshot("public-api.txt");
});
