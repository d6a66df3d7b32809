import type { StatsFs } from "node:fs";
import { describe, expect, test } from "vitest";
import { refuseWithoutSpace } from "../../src/node/staging.js";

const EXT4 = 0xef53;
const BTRFS = 0x9123683e;

/** A disk of a million blocks of 4096 bytes, of which some are free. */
const disk = (free: number, type = EXT4, blocks = 1_000_000) => {
  return async (): Promise<StatsFs> => ({
    ...{ type, bsize: 4096, blocks, bfree: free, bavail: free },
    ...{ files: 0, ffree: 0 },
  });
};

describe("free space", () => {
  test("may be used to the last byte", async () => {
    await expect(refuseWithoutSpace("/a/b.ozx", { bytes: 4_096_000 }, disk(1000))).resolves.toBeUndefined();
  });

  test("that is too little is an error that says how much is missing", async () => {
    await expect(refuseWithoutSpace("/a/b.ozx", { bytes: 6_096_000 }, disk(1000))).rejects.toMatchObject({
      _tag: "WriteFailed",
      location: "/a/b.ozx",
      message:
        "/a/b.ozx needs 6.1 MB, and its disk has 4.1 MB free: free 2.0 MB there, or choose another disk",
    });
  });

  test("also holds the unused ends of last blocks", async () => {
    const need = { bytes: 4_000_000, files: 100 };
    await expect(refuseWithoutSpace("/a/b.zarr", need, disk(1000))).rejects.toThrow("needs 4.2 MB");
  });

  test("is not checked where the file system compresses, has no blocks or does not respond", async () => {
    const need = { bytes: 1e15 };
    await refuseWithoutSpace("/a/b.ozx", need, disk(1000, BTRFS));
    await refuseWithoutSpace("/a/b.ozx", need, disk(0, EXT4, 0));
    await refuseWithoutSpace("/a/b.ozx", need, () => Promise.reject(new Error("ENOSYS")));
  });
});
