import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "@ozx/core/container";
import { notOn, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { destinationFor } from "../../src/node/destination.js";

test.each([true, false])(
  "a device is no destination, with overwrite %s",
  skipFor(notOn("win32")),
  async (overwrite) => {
    await expect(destinationFor("/dev/null", { formats: [], overwrite })).rejects.toMatchObject({
      _tag: "Usage",
      message: expect.stringContaining("give - to write to a pipe"),
    });
  },
);

test("a link stays, and its target is written", skipFor(notOn("win32")), async () => {
  const folder = mkdtempSync(join(tmpdir(), "ozx-destination-"));
  try {
    mkdirSync(join(folder, "disk"));
    const link = join(folder, "link.zarr");
    symlinkSync("disk/image.zarr", link);
    await expect(destinationFor(link, { formats: [] })).rejects.toMatchObject({
      _tag: "DestinationExists",
    });
    for (const text of ["into nothing", "over what is there"]) {
      const target = await (await destinationFor(link, { formats: [], overwrite: true })).open();
      const value = new TextEncoder().encode(text);
      const entries = [{ key: "/zarr.json", size: value.length, content: "/zarr.json" }] as const;
      await target.write({ source: memoryStore(new Map([["/zarr.json", value]])), entries });
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
      expect(readFileSync(join(folder, "disk/image.zarr/zarr.json"), "utf8")).toBe(text);
    }
    symlinkSync("round.zarr", join(folder, "round.zarr"));
    const round = destinationFor(join(folder, "round.zarr"), { formats: [] });
    await expect(round).rejects.toMatchObject({ _tag: "DestinationExists" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
