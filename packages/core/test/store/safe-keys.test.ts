import { describe, expect, test } from "vitest";
import type { AbsolutePath } from "../../src/index.js";
import { checkKeysDistinct, checkKeysSafe, unsafeReason } from "../../src/store/store-keys.js";

const unsafe: AbsolutePath[] = [
  "/..",
  "/../x",
  "/a/../../x",
  "/a/..",
  "//etc/passwd",
  "/C:/Windows/x",
  "/c:x",
  "/a\\..\\..\\x",
  "/\\\\server\\share",
  "/a\0b",
  "/./x",
  "/a/./x",
  "/a//x",
  "/a/",
  "/",
];

describe("unsafe keys", () => {
  test.for(unsafe)("%j may not be written", (key) => {
    expect(unsafeReason(key)).toBeTypeOf("string");
    expect(() => checkKeysSafe(["/zarr.json", key], "foreign.zip")).toThrow(
      expect.objectContaining({
        _tag: "UnsafeName",
        location: "foreign.zip",
        path: key,
        message: expect.stringContaining("nothing was written"),
      }),
    );
  });

  test.for<AbsolutePath>([
    "/zarr.json",
    "/0/c/0/1",
    "/...",
    "/..a/b..",
    "/.zattrs",
    "/with space/ünï €",
    "/ab:/x",
    "/__proto__",
  ])("%j may be written", (key) => {
    expect(unsafeReason(key)).toBeUndefined();
  });
});

describe("keys that are distinct only for us", () => {
  test.for<AbsolutePath[]>([
    ["/a", "/A"],
    ["/folder/x", "/Folder/y"],
    ["/caf\u00e9", "/cafe\u0301"],
    ["/a", "/a/b"],
    ["/a/b", "/a"],
    ["/a/b/c", "/A/B"],
    ["/a", "/a"],
  ])("%j clash", (keys) => {
    expect(() => checkKeysDistinct(["/zarr.json", ...keys], "foreign.zip")).toThrow(
      expect.objectContaining({ _tag: "UnsafeName", location: "foreign.zip" }),
    );
  });

  test("names that only start alike do not", () => {
    checkKeysDistinct(["/a/x", "/ab/x", "/a.x", "/a-/x", "/b/x", "/b/y", "/b/c/x"], "fine.zip");
  });
});
