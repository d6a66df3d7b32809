import { describe, expect, test, vi } from "vitest";
import { packError, unpackError } from "../src/errors.js";
import {
  InvalidMetadataError,
  isOzxError,
  NotFoundError,
  UnsupportedError,
  UsageError,
} from "../src/index.js";

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
      ([name]) => name.endsWith("Error") && /^(?!Ozx)[A-Z]/.test(name),
    );
    expect(classes.length).toBeGreaterThan(10);
    for (const [name, errorClass] of classes) {
      const error: Error = Reflect.construct(errorClass, ["message", { location: "here", feature: "f" }]);
      expect(isOzxError(error), name).toBe(true);
      expect(error).toMatchObject({ name, _tag: name.replace(/Error$/, ""), message: "message" });
    }
  });

  test("errors carry the location and the cause", () => {
    const cause = new Error("EACCES");
    expect(new NotFoundError("m", { location: "l", path: "p" }, { cause })).toMatchObject({
      location: "l",
      path: "p",
      cause,
    });
    expect(new UsageError("m", { cause }).cause).toBe(cause);
  });
});

describe("an error that travels between threads", () => {
  test("is of its class again, with its fields, its message and its cause", () => {
    const cause = new RangeError("too far");
    const sent = new UnsupportedError(
      "a.zarr needs lz4",
      { location: "a.zarr", path: "/0", feature: "lz4" },
      { cause },
    );
    const error = unpackError(structuredClone(packError(sent)));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(isOzxError(error, "Unsupported")).toBe(true);
    expect(error).toMatchObject({ message: sent.message, location: "a.zarr", path: "/0", feature: "lz4" });
    expect(error.cause).toMatchObject({ name: "RangeError", message: "too far" });
    expect(error.stack).toBe(sent.stack);
  });

  test("keeps the roots of hierarchies that lie side by side", () => {
    const hierarchies = ["/a", "/b"] as const;
    const sent = new InvalidMetadataError("which?", { location: "x.ozx", hierarchies });
    const error = unpackError(structuredClone(packError(sent)));
    expect(isOzxError(error, "InvalidMetadata") && error.hierarchies).toEqual(hierarchies);
  });

  test("leaves behind what cannot be sent", () => {
    const sent = Object.assign(new TypeError("no"), { callbacks: [() => {}], nested: [[1]], codes: [1, 2] });
    const error = unpackError(structuredClone(packError(sent)));
    expect(error).toMatchObject({ message: "no", codes: [1, 2] });
    expect(error).not.toHaveProperty("callbacks");
  });

  test("may be none of ours, or no error at all", () => {
    const sent = Object.assign(new TypeError("no"), { code: "ERR_NO", self: {} });
    const error = unpackError(structuredClone(packError(sent)));
    expect(error).toMatchObject({ message: "no", code: "ERR_NO" });
    expect(isOzxError(error)).toBe(false);
    expect(unpackError(packError("just text")).message).toBe("just text");
  });
});
