import { describe, expect, test, vi } from "vitest";
import { isOzxError, NotFoundError, UnsupportedError, UsageError } from "../src/index.js";

describe("isOzxError", () => {
  test("knows ours by tag, and others not", () => {
    const error: unknown = new NotFoundError("a is not in b", { location: "b", path: "a" });
    expect(isOzxError(error)).toBe(true);
    expect(isOzxError(error, "NotFound")).toBe(true);
    expect(isOzxError(error, "Usage")).toBe(false);
    for (const other of [new Error("x"), { _tag: "NotFound" }, "NotFound", null, undefined]) {
      expect(isOzxError(other)).toBe(false);
    }
    expect(isOzxError(Object.assign(new Error("zarrita's"), { _tag: "NotFoundError" }))).toBe(false);
  });

  test("works across copies of the package", async () => {
    vi.resetModules();
    const copy = await import("../src/errors.js");
    const error = new copy.UnsupportedError("no", { location: "l", feature: "delta" });
    expect(error).not.toBeInstanceOf(UnsupportedError);
    expect(isOzxError(error, "Unsupported")).toBe(true);
    if (isOzxError(error, "Unsupported")) expect(error.feature).toBe("delta");
  });

  test("every class has its tag in the guard", async () => {
    const classes = Object.entries(await import("../src/errors.js")).filter(
      ([name]) => name.endsWith("Error") && name !== "OzxError" && name !== "isOzxError",
    );
    expect(classes.length).toBeGreaterThan(10);
    for (const [name, errorClass] of classes) {
      const error: Error = Reflect.construct(errorClass, ["message", { location: "here", feature: "f" }]);
      expect(isOzxError(error), name).toBe(true);
      expect(error).toMatchObject({ name, _tag: name.replace(/Error$/, ""), message: "message" });
    }
  });

  test("errors carry the place and the cause", () => {
    const cause = new Error("EACCES");
    expect(new NotFoundError("m", { location: "l", path: "p" }, { cause })).toMatchObject({
      location: "l",
      path: "p",
      cause,
    });
    expect(new UsageError("m", { cause }).cause).toBe(cause);
  });
});
