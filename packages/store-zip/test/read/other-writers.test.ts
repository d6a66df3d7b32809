import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { skipFor, withoutTool } from "@ozx/testing";
import { afterAll, describe, expect, test } from "vitest";
import { entryAt } from "../../src/index.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { expectBytes } from "../fixtures/same-bytes.js";

const folder = mkdtempSync(join(tmpdir(), "ozx-writers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const VALUES = new Map<AbsolutePath, Uint8Array>([
  ["/zarr.json", new TextEncoder().encode('{"zarr_format":3,"node_type":"group"}')],
  ["/0/c/0/0", Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) >> 5)],
  ["/0/c/0/1", new Uint8Array(70_000)],
  ["/empty", new Uint8Array(0)],
  ["/ünï/日本", new TextEncoder().encode("text")],
]);

const tree = join(folder, "tree");
for (const [key, value] of VALUES) {
  mkdirSync(join(tree, key, ".."), { recursive: true });
  writeFileSync(join(tree, key), value);
}

async function expectValues(archive: string): Promise<void> {
  const store = await openZipStore(memorySource(readFileSync(archive), archive));
  const keys: string[] = [];
  for await (const { key, size } of store.list()) {
    keys.push(key);
    expect(size).toBe(VALUES.get(key)?.length);
  }
  expect(keys.sort()).toEqual([...VALUES.keys()].sort());
  for (const [key, value] of VALUES) expectBytes(await store.get(key), value);
}

const PACK = `
import os, sys, zipfile
tree, out, kind = sys.argv[1:]
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(out, "wb") as file:
    method = zipfile.ZIP_DEFLATED if "deflated" in kind else zipfile.ZIP_STORED
    with zipfile.ZipFile(Pipe(file) if "pipe" in kind else file, "w", method) as archive:
        for parent, _, names in os.walk(tree):
            for name in names:
                path = os.path.join(parent, name)
                with open(path, "rb") as source, archive.open(os.path.relpath(path, tree), "w", force_zip64="zip64" in kind) as target:
                    target.write(source.read())
        archive.comment = b"a comment"
`;
const LIST = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    print(json.dumps([[i.filename, i.header_offset, i.compress_size, i.file_size, i.CRC, i.compress_type, i.flag_bits] for i in archive.infolist()]))
`;

describe("archives by Python's zipfile", skipFor(withoutTool("python3")), () => {
  test.for([
    "stored",
    "deflated",
    "stored, zip64",
    "deflated, zip64",
    "stored, pipe",
    "deflated, pipe",
    "stored, pipe, zip64",
  ])("%s", async (kind) => {
    const out = join(folder, `python ${kind}.zip`);
    execFileSync("python3", ["-c", PACK, tree, out, kind]);
    await expectValues(out);
    const rows = JSON.parse(execFileSync("python3", ["-c", LIST, out]).toString()) as unknown[];
    const { archive } = await openZipStore(memorySource(readFileSync(out)));
    const ours = rows.map((_, i) => {
      const entry = entryAt(archive.directory, i);
      const { name, headerOffset, compressedSize, size, crc, method, flags } = entry;
      return [name, headerOffset, compressedSize, size, crc, method, flags];
    });
    expect(ours).toEqual(rows);
    expect(new TextDecoder().decode(archive.end.comment)).toBe("a comment");
  });
});

describe("archives by Info-ZIP", skipFor(withoutTool("zip")), () => {
  test.for([
    ["stored", ["-0", "-r"]],
    ["deflated", ["-9", "-r"]],
    ["without folders and extra fields", ["-0", "-r", "-D", "-X"]],
    ["ZIP64 where it is not needed", ["-0", "-r", "-fz"]],
    ["data descriptors", ["-r", "-fd"]],
  ] as const)("%s", async ([kind, options]) => {
    const out = join(folder, `info-zip ${kind}.zip`);
    execFileSync("zip", ["-q", ...options, out, "."], {
      cwd: tree,
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    await expectValues(out);
  });
});

describe("archives by libarchive", skipFor(withoutTool("bsdtar")), () => {
  test.for(["store", "deflate"])("%s", async (compression) => {
    const out = join(folder, `libarchive ${compression}.zip`);
    const options = ["--format", "zip", "--options", `zip:compression=${compression}`];
    execFileSync("bsdtar", [...options, "-cf", out, "-C", tree, "zarr.json", "0", "empty", "ünï"], {
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    await expectValues(out);
  });
});
