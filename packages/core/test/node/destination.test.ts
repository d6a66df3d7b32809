import { expect, test } from "vitest";
import { destinationFor } from "../../src/node/destination.js";

test.skipIf(process.platform === "win32").each([true, false])(
  "a device is no destination, with overwrite %s",
  async (overwrite) => {
    await expect(destinationFor("/dev/null", { formats: [], overwrite })).rejects.toMatchObject({
      _tag: "Usage",
      message: expect.stringContaining("give - to write to a pipe"),
    });
  },
);
