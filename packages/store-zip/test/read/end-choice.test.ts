import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { buildZip } from "../fixtures/build-zip.js";
import { ascii, join, u16, u32 } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { countingSource } from "../fixtures/watched-source.js";

const outer = { name: "outer", data: ascii("outer") };
const inner = buildZip({ entries: [{ name: "inner", data: ascii("inner") }] });
const keysOf = async (bytes: Uint8Array): Promise<string[]> => {
  const keys = [];
  for await (const { key } of (await openZipStore(memorySource(bytes))).list()) keys.push(key);
  return keys;
};

describe("which end record counts", () => {
  test.for([undefined, "sentinels"] as const)(
    "a whole archive as a comment is a comment (%s)",
    async (zip64End) => {
      const bytes = buildZip({ entries: [outer], comment: inner, ...(zip64End && { zip64End }) });
      expect(await keysOf(bytes)).toEqual(["/outer"]);
    },
  );

  test("a signature in the comment is text", async () => {
    expect(await keysOf(buildZip({ entries: [outer], comment: "PK\x05\x06" }))).toEqual(["/outer"]);
    const comment = join("PK\x05\x06", new Uint8Array(18), "and more");
    expect(await keysOf(buildZip({ entries: [outer], comment }))).toEqual(["/outer"]);
  });

  test("two directories that are both where their records point are rejected", async () => {
    const start = buildZip({ entries: [outer] }).length;
    const forged = buildZip({
      entries: [{ name: "inner", central: { headerOffset: start } }],
      end: { directoryOffset: start + 35 },
    });
    const bytes = buildZip({ entries: [outer], comment: forged });
    await expect(keysOf(bytes)).rejects.toMatchObject({ _tag: "InvalidArchive" });
  });

  test("a record that points at the other one's directory, and does not stand behind it, is text", async () => {
    const forged = join(ascii("PK\x05\x06"), new Uint8Array(4), u16(1), u16(1), u32(51), u32(40), u16(0));
    expect(await keysOf(buildZip({ entries: [outer], comment: forged }))).toEqual(["/outer"]);
  });

  test("an empty end record in the comment is ambiguous", async () => {
    const empty = buildZip();
    await expect(keysOf(buildZip({ entries: [outer], comment: empty }))).rejects.toMatchObject({
      _tag: "InvalidArchive",
    });
  });

  test("two archives one after the other are ambiguous to others, and the last one is read", async () => {
    expect(await keysOf(join(buildZip({ entries: [outer] }), inner))).toEqual(["/inner"]);
  });
});

describe("70 KB of end records", () => {
  const signatures = new Uint8Array(70_000);
  for (let at = 0; at + 4 <= signatures.length; at += 4) signatures.set(ascii("PK\x05\x06"), at);

  test("are looked through once", async () => {
    const { source, read } = countingSource(memorySource(signatures));
    await expect(openZipStore(source)).rejects.toMatchObject({ _tag: "InvalidArchive" });
    expect(read.calls).toBeLessThan(10);
  });

  test("each of them ending with the file are not all tried", async () => {
    const count = Math.floor(65_535 / 22);
    const records = Array.from({ length: count }, (_, i) =>
      join(ascii("PK\x05\x06"), new Uint8Array(16), u16((count - 1 - i) * 22)),
    );
    const { source, read } = countingSource(memorySource(join(...records)));
    await expect(openZipStore(source)).rejects.toMatchObject({ _tag: "InvalidArchive" });
    expect(read.calls).toBeLessThan(50);
  });
});
