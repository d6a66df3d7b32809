import { describe, expect, test } from "vitest";
import type { AbsolutePath } from "../../src/index.js";
import {
  checkKeysDistinct,
  checkKeysOnWindows,
  checkKeysSafe,
  unportableReason,
  unsafeReason,
} from "../../src/store/store-keys.js";

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

  test("straße beside STRASSE does, as macOS compares them, but not a Turkish ı beside an i", () => {
    expect(() => checkKeysDistinct(["/straße", "/STRASSE"], "foreign.zip")).toThrow("the same file");
    checkKeysDistinct(["/ı", "/i"], "fine.zip");
  });

  test("names that only start alike do not", () => {
    checkKeysDistinct(["/a/x", "/ab/x", "/a.x", "/a-/x", "/b/x", "/b/y", "/b/c/x"], "fine.zip");
  });
});

describe("names that Windows takes for other ones", () => {
  test.for(["/a/aux", "/NUL.txt/x", "/com1", "/x./y", "/x ", "/a\u0007"] as const)(
    "%j is refused there",
    (key) => {
      expect(unportableReason(key)).toBeDefined();
      expect(() => checkKeysOnWindows([key], "foreign.zip")).toThrow(
        expect.objectContaining({ _tag: "UnsafeName", location: "foreign.zip", path: key }),
      );
    },
  );

  test("a name whose text changes its direction is told, not refused", () => {
    expect(unportableReason("/\u202egnp.exe")).toContain("direction");
    checkKeysOnWindows(["/\u202egnp.exe"], "fine.zip");
  });

  test.for(["/zarr.json", "/0/c/0/0", "/.zattrs", "/auxiliary", "/console/x", "/com10", "/a.b/c d"] as const)(
    "%j is the same everywhere",
    (key) => {
      expect(unportableReason(key)).toBeUndefined();
      checkKeysOnWindows([key], "fine.zip");
    },
  );
});
