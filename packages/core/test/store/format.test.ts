import { describe, expect, test, vi } from "vitest";
import { memorySource } from "../../src/bytes/in-memory.js";
import type { ByteSource, StoreFormat } from "../../src/index.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { formatForName, openContainer } from "../../src/store/store-format.js";

function format(id: string, extensions: readonly string[], first: number): StoreFormat {
  return {
    id,
    title: `${id} archive`,
    extensions,
    probe: async (source) => source.size > 0 && (await source.read(0, 1))[0] === first,
    open: async (source) => ({ ...memoryStore(new Map(), source.name), format: id }),
  };
}

const formats = [format("one", [".one", ".one.zip"], 1), format("two", [".zip"], 2)];

function closable(bytes: Uint8Array): { source: ByteSource; close: ReturnType<typeof vi.fn> } {
  const close = vi.fn(async () => {});
  return { source: { ...memorySource(bytes, "input.bin"), close }, close };
}

describe("openStore", () => {
  test("opens with the format that knows the bytes, whatever the name", async () => {
    const { source, close } = closable(Uint8Array.of(2));
    const store = await openContainer(source, { formats });
    expect(store.format).toBe("two");
    expect(close).not.toHaveBeenCalled();
  });

  test("the first format that knows the bytes wins", async () => {
    const rival = format("rival", [], 1);
    expect(
      (await openContainer(memorySource(Uint8Array.of(1)), { formats: [...formats, rival] })).format,
    ).toBe("one");
  });

  test("unknown bytes name what could be read, and the source is closed", async () => {
    const { source, close } = closable(Uint8Array.of(3));
    await expect(openContainer(source, { formats })).rejects.toMatchObject({
      _tag: "UnknownFormat",
      location: "input.bin",
      message: expect.stringMatching(/one archive.*two archive/),
    });
    expect(close).toHaveBeenCalledTimes(1);
  });

  test.for([
    ["ZISRAWFILE", "a Zeiss CZI"],
    ["\u00da\u00ce\u00be\u000a", "a Nikon ND2"],
    ["p\0\0\0abcd*", "a Leica LIF"],
    ['<?xml version="1.0"?>\n<LMSDataContainerHeader Version="2">', "a Leica project (XLEF or XLIF)"],
    [
      `\u00ff\u00fe${[..."<LMSDataContainerHeader>"].map((letter) => `${letter}\0`).join("")}`,
      "a Leica project (XLEF or XLIF)",
    ],
    ['<?xml version="1.0"?><Error/>', "XML, as a server's error message is"],
    ["\u0089HDF", "an HDF5 file"],
    ["II*\0", "a TIFF"],
    ["\u00d0\u00cf\u0011\u00e0", "an OLE file, as Olympus OIB"],
    [`${"\0".repeat(128)}DICM`, "a DICOM file"],
    [`${"\0".repeat(208)}MAP `, "an MRC file"],
    [`${"\0".repeat(344)}n+1`, "a NIfTI file"],
    ["\u0093NUMPY", "a NumPy array"],
    ["\u0089PNG", "a PNG picture"],
    ["\u00ff\u00d8\u00ff", "a JPEG picture"],
  ] as const)("the first bytes %j are called %s", async ([bytes, name]) => {
    const { source } = closable(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
    await expect(openContainer(source, { formats })).rejects.toThrow(`input.bin is ${name}`);
  });

  test("an empty file is called empty", async () => {
    await expect(openContainer(closable(new Uint8Array(0)).source, { formats })).rejects.toThrow(/is empty/);
  });

  test("the source is closed when opening fails", async () => {
    const { source, close } = closable(Uint8Array.of(1));
    const failing = { ...format("bad", [], 1), open: () => Promise.reject(new Error("cut short")) };
    await expect(openContainer(source, { formats: [failing] })).rejects.toThrow("cut short");
    expect(close).toHaveBeenCalledTimes(1);
  });

  test("a signal reaches the format", async () => {
    const { source, close } = closable(Uint8Array.of(1));
    const listening = {
      ...format("listening", [], 1),
      probe: async (_: ByteSource, options?: { signal?: AbortSignal | undefined }) => {
        options?.signal?.throwIfAborted();
        return true;
      },
    };
    const opening = openContainer(source, { formats: [listening], signal: AbortSignal.abort() });
    await expect(opening).rejects.toMatchObject({ name: "AbortError" });
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe("formatForName", () => {
  test.for([
    ["cells.one", "one"],
    ["CELLS.ONE", "one"],
    ["a/b.c/cells.One.Zip", "one"],
    ["cells.zip", "two"],
    ["cells.zarr", undefined],
    ["one", undefined],
    ["cells.one/", undefined],
  ] as const)("%s is written as %s", ([name, id]) => {
    expect(formatForName(name, formats)?.id).toBe(id);
  });
});
