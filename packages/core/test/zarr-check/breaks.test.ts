import { encodeJson, sampleMap } from "@ozx/testing";
import { expect, test } from "vitest";
import { type AbsolutePath, type Finding, readHierarchy } from "../../src/index.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { checkZarr } from "../../src/zarr/check/check-zarr.js";
import { zarrRules } from "../../src/zarr/check/zarr-rules.js";

type Files = Map<AbsolutePath, Uint8Array>;

const SMALL = { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1, chunk: 32 } as const;

async function check(files: Files, deep = true): Promise<Finding[]> {
  const store = memoryStore(files, "broken.zarr");
  const findings: Finding[] = [];
  for await (const finding of checkZarr(store, await readHierarchy(store), { deep })) findings.push(finding);
  return findings;
}

function fileOf(files: Files, key: AbsolutePath): Uint8Array {
  const value = files.get(key);
  if (value === undefined) throw new Error(`the sample has no ${key}`);
  return value;
}

function editJson(files: Files, key: AbsolutePath, edit: (document: Record<string, unknown>) => void): void {
  const document = JSON.parse(new TextDecoder().decode(fileOf(files, key)));
  edit(document);
  files.set(key, new TextEncoder().encode(JSON.stringify(document)));
}

function changed(
  bytes: Uint8Array,
  at: number,
  value: (before: number) => number = (n) => n ^ 0x10,
): Uint8Array {
  const copy = bytes.slice();
  const place = at < 0 ? copy.length + at : at;
  copy[place] = value(copy[place] as number);
  return copy;
}

const sample = (options?: object): Promise<Files> => sampleMap({ ...SMALL, ...options });
const CHUNK = "/0/c/0/0/0/1";
const SHARD = "/0/c/0/0/0/0";

/** Entries of a shard's index as [offset, length], and putting them back with the right checksum. */
function editIndex(shard: Uint8Array, chunks: number, edit: (view: DataView) => void): Uint8Array {
  const copy = shard.slice();
  const start = copy.length - 4 - chunks * 16;
  edit(new DataView(copy.buffer, start, chunks * 16));
  new DataView(copy.buffer).setUint32(copy.length - 4, crc32c(copy.subarray(start, -4)), true);
  return copy;
}

function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const CASES: Record<string, { make: () => Promise<Files>; rule: string; where: string; says: RegExp }> = {
  "a document that is no JSON": {
    rule: "zarr-unreadable",
    where: "/tables/measurements/name",
    says: /not JSON/,
    async make() {
      const files = await sample();
      return files.set("/tables/measurements/name/zarr.json", new TextEncoder().encode("{"));
    },
  },
  "a chunk grid that is not supported, and may be valid": {
    rule: "zarr-unsupported",
    where: "/tables/measurements/name",
    says: /the chunk grid rectilinear of .* is not supported/,
    async make() {
      const files = await sample();
      const key = "/tables/measurements/name/zarr.json";
      const document = JSON.parse(new TextDecoder().decode(files.get(key)));
      return files.set(key, encodeJson({ ...document, chunk_grid: { name: "rectilinear" } }));
    },
  },
  "a folder without a document between nodes": {
    rule: "zarr-implicit-group",
    where: "/labels",
    says: /no zarr\.json/,
    async make() {
      const files = await sample();
      files.delete("/labels/zarr.json");
      return files;
    },
  },
  "a group in an array": {
    rule: "zarr-below-array",
    where: "/0/old",
    says: /below the array \/0/,
    async make() {
      const files = await sample();
      return files.set("/0/old/zarr.json", fileOf(files, "/labels/zarr.json"));
    },
  },
  "shards that chunks do not fill": {
    rule: "zarr-shard-shape",
    where: "/0",
    says: /do not fill/,
    async make() {
      const files = await sample({ shards: true });
      editJson(files, "/0/zarr.json", ({ codecs }) => {
        const [{ configuration }] = codecs as [{ configuration: { chunk_shape: number[] } }];
        configuration.chunk_shape[3] = 24;
      });
      return files;
    },
  },
  "a file that is no chunk": {
    rule: "chunk-keys",
    where: "/0/c/0/0/0/thumbs",
    says: /not the name of a chunk/,
    make: async () => (await sample()).set("/0/c/0/0/0/thumbs", new Uint8Array(1)),
  },
  "groups whose names differ in how an é is written": {
    rule: "zarr-node-normal-form",
    where: "/caf\u00e9",
    says: /"\/cafe\u0301" \(decomposed\) and "\/caf\u00e9" \(composed\) differ in their normal form/,
    async make() {
      const group = encodeJson({ zarr_format: 3, node_type: "group" });
      return (await sample()).set("/cafe\u0301/zarr.json", group).set("/caf\u00e9/zarr.json", group);
    },
  },
  "a chunk beyond the shape": {
    rule: "chunk-keys",
    where: "/0/c/0/0/0/2",
    says: /outside of the array \/0, which has 1 × 1 × 2 × 2 chunks/,
    async make() {
      const files = await sample();
      return files.set("/0/c/0/0/0/2", fileOf(files, CHUNK));
    },
  },
  "a truncated chunk": {
    rule: "chunk-decodes",
    where: CHUNK,
    says: /decode/,
    async make() {
      const files = await sample();
      return files.set(CHUNK, fileOf(files, CHUNK).slice(0, -5));
    },
  },
  "an uncompressed chunk with a byte too much": {
    rule: "chunk-decodes",
    where: CHUNK,
    says: /decodes to 2049 and not to 2048 bytes/,
    make: async () => (await sample({ codec: "none" })).set(CHUNK, new Uint8Array(2049)),
  },
  "a gzip chunk that decodes to too much": {
    rule: "chunk-decodes",
    where: CHUNK,
    says: /more than 2048 bytes/,
    async make() {
      const stream = new Blob([new Uint8Array(10_000_000)]).stream();
      const bomb = await new Response(stream.pipeThrough(new CompressionStream("gzip"))).bytes();
      return (await sample({ codec: "gzip" })).set(CHUNK, bomb);
    },
  },
  "strings that are cut short": {
    rule: "chunk-decodes",
    where: "/tables/measurements/name/c/0",
    says: /decode/,
    async make() {
      const files = await sample({ codec: "none" });
      const key = "/tables/measurements/name/c/0";
      return files.set(key, fileOf(files, key).slice(0, 5));
    },
  },
  "a shard shorter than its index": {
    rule: "shard-index",
    where: SHARD,
    says: /20 bytes, fewer than the 132/,
    async make() {
      const files = await sample({ shards: true });
      return files.set(SHARD, fileOf(files, SHARD).slice(-20));
    },
  },
  "a shard index with another checksum": {
    rule: "shard-index",
    where: SHARD,
    says: /CRC-32C/,
    async make() {
      const files = await sample({ shards: true });
      return files.set(SHARD, changed(fileOf(files, SHARD), -60));
    },
  },
  "a chunk beyond the end of its shard": {
    rule: "shard-extents",
    where: `${SHARD} at 0, 0, 0, 1`,
    says: /of a shard of \d+ bytes/,
    async make() {
      const files = await sample({ shards: true });
      const shard = editIndex(fileOf(files, SHARD), 8, (view) => view.setUint32(16 + 4, 7, true));
      return files.set(SHARD, shard);
    },
  },
  "a chunk on top of another": {
    rule: "shard-overlaps",
    where: `${SHARD} at 0, 0, 0, 1`,
    says: /shares bytes/,
    async make() {
      const files = await sample({ shards: true, codec: "none" });
      const shard = editIndex(fileOf(files, SHARD), 8, (view) =>
        view.setUint32(16, view.getUint32(16, true) - 1, true),
      );
      return files.set(SHARD, shard);
    },
  },
  "a damaged chunk in a shard": {
    rule: "chunk-decodes",
    where: `${SHARD} at 0, 0, 0, 0`,
    says: /does not decode/,
    async make() {
      const files = await sample({ shards: true });
      return files.set(SHARD, changed(fileOf(files, SHARD), 1));
    },
  },
  ...Object.fromEntries(
    (
      [
        ["gzip", "level", -1],
        ["gzip", "level", 10],
        ["blosc", "clevel", 10],
        ["zstd", "level", 23],
        ["zstd", "level", -131_073],
        ["gzip", "level", "6"],
      ] as const
    ).map(([codec, member, level]) => [
      `the ${member} ${JSON.stringify(level)} of ${codec}`,
      {
        rule: "zarr-codec-level",
        where: "/0",
        says: new RegExp(
          `The codec ${codec} of the array /0 has the level ${JSON.stringify(level)}, not one`,
        ),
        async make() {
          const files = await sample({ codec });
          editJson(files, "/0/zarr.json", (document) => {
            const found = (
              document["codecs"] as { name: string; configuration: Record<string, unknown> }[]
            ).find(({ name }) => name === codec);
            if (found !== undefined) found.configuration[member] = level;
          });
          return files;
        },
      },
    ]),
  ),
  "no codec at all": {
    rule: "zarr-codec-chain",
    where: "/0",
    says: /no codec that makes bytes/,
    async make() {
      const files = await sample({ codec: "none" });
      editJson(files, "/0/zarr.json", (document) => {
        document["codecs"] = [];
      });
      return files;
    },
  },
  "numbers of two bytes in no order": {
    rule: "zarr-codec-chain",
    where: "/0",
    says: /has no endian, and each uint16 has several bytes/,
    async make() {
      const files = await sample({ codec: "none" });
      editJson(files, "/0/zarr.json", (document) => {
        document["codecs"] = ["bytes"];
      });
      return files;
    },
  },
  "a codec that nobody knows": {
    rule: "codec-unknown",
    where: "/0",
    says: /jetraw/,
    async make() {
      const files = await sample();
      editJson(files, "/0/zarr.json", (document) => {
        document["codecs"] = [{ name: "bytes", configuration: { endian: "little" } }, { name: "jetraw" }];
      });
      return files;
    },
  },
  "NaN in attributes": {
    rule: "zarr-strict-json",
    where: "/0/.zattrs",
    says: /has NaN or Infinity in it/,
    async make() {
      const files = await sample({ version: "0.4" });
      return files.set("/0/.zattrs", new TextEncoder().encode('{"mean": NaN}'));
    },
  },
  "filters that are not codecs": {
    rule: "zarr-unreadable",
    where: "/0",
    says: /the filters of .* not a list of codecs with ids/,
    async make() {
      const files = await sample({ version: "0.4" });
      editJson(files, "/0/.zarray", (document) => {
        document["filters"] = ["delta"];
      });
      return files;
    },
  },
  "a shard index in a codec of its own": {
    rule: "zarr-unreadable",
    where: "/0",
    says: /compress the index of its shards with gzip/,
    async make() {
      const files = await sample({ shards: true });
      editJson(files, "/0/zarr.json", ({ codecs }) => {
        const [{ configuration }] = codecs as [{ configuration: Record<string, unknown> }];
        configuration["index_codecs"] = [{ name: "bytes" }, { name: "gzip" }];
      });
      return files;
    },
  },
  "chunks beyond what can be decoded": {
    rule: "chunk-unchecked",
    where: "/0",
    says: /larger than 1 GiB/,
    async make() {
      const files = await sample();
      for (const key of files.keys()) if (key.startsWith("/0/c/") && key !== SHARD) files.delete(key);
      editJson(files, "/0/zarr.json", (document) => {
        document["chunk_grid"] = { name: "regular", configuration: { chunk_shape: [1, 1, 32768, 32768] } };
      });
      return files;
    },
  },
};

test.for(Object.entries(CASES))("%s is the one finding", async ([, { make, rule, where, says }]) => {
  const findings = await check(await make());
  expect(findings.map((finding) => [finding.rule, finding.where])).toEqual([[rule, where]]);
  expect(findings[0]?.message).toMatch(says);
  expect(findings[0]?.message).toMatch(/^\S.*\.$/);
});

test("every rule but one has its case", () => {
  const tested = new Set(Object.values(CASES).map(({ rule }) => rule));
  const untested = zarrRules({ deep: true }).filter(({ id }) => !tested.has(id));
  // It is about stores that find their own damage, which a store in memory does not.
  expect(untested.map(({ id }) => id)).toEqual(["chunk-read"]);
});

test("data is looked at with deep only", async () => {
  const files = await sample();
  expect(await check(files.set(CHUNK, new Uint8Array(3)), false)).toEqual([]);
});

test("one flipped byte anywhere in a gzip chunk is found", async () => {
  const files = await sample({ codec: "gzip" });
  const intact = fileOf(files, CHUNK);
  // The header before it holds a time and the system's name, which nothing checks.
  for (let at = 10; at < intact.length; at += Math.ceil(intact.length / 60)) {
    const findings = await check(new Map(files).set(CHUNK, changed(intact, at)));
    expect(findings, `byte ${at}`).toMatchObject([{ rule: "chunk-decodes", where: CHUNK }]);
  }
});

test.for([
  ["zstd", [0, 1, 2, 3, 5]],
  ["blosc", [4, 6, 13]],
] as const)("a flipped byte in what a %s chunk says about itself is found", async ([codec, places]) => {
  const files = await sample({ codec });
  const intact = fileOf(files, CHUNK);
  for (const at of places) {
    const findings = await check(new Map(files).set(CHUNK, changed(intact, at)));
    expect(findings, `byte ${at}`).toMatchObject([{ rule: "chunk-decodes", where: CHUNK }]);
  }
});

test("a zstd chunk with a checksum of its own has no byte that may change", async () => {
  const files = await sample();
  // 2048 bytes of "ozx ", by zstd --check.
  const intact = new Uint8Array(Buffer.from("28b52ffd6400075d0000206f7a78200100f9fb2f11d0e304f8", "hex"));
  expect(await check(new Map(files).set(CHUNK, intact))).toEqual([]);
  // The byte before holds a bit that means nothing.
  for (let at = 5; at < intact.length; at++) {
    const findings = await check(new Map(files).set(CHUNK, changed(intact, at)));
    expect(findings, `byte ${at}`).toMatchObject([{ rule: "chunk-decodes", where: CHUNK }]);
  }
});

test("an index at the start is read there", async () => {
  const files = await sample({ shards: true, codec: "none" });
  editJson(files, "/0/zarr.json", ({ codecs }) => {
    const [{ configuration }] = codecs as [{ configuration: Record<string, unknown> }];
    configuration["index_location"] = "start";
  });
  for (const [key, shard] of files) {
    if (!key.startsWith("/0/c/")) continue;
    const index = shard.slice(-132);
    const view = new DataView(index.buffer);
    for (let at = 0; at < 128; at += 16) {
      const offset = view.getBigUint64(at, true);
      if (offset !== 2n ** 64n - 1n) view.setBigUint64(at, offset + 132n, true);
    }
    view.setUint32(128, crc32c(index.subarray(0, 128)), true);
    files.set(key, new Uint8Array([...index, ...shard.slice(0, -132)]));
  }
  expect(await check(files)).toEqual([]);
});

test("v2 needs no documents between nodes", async () => {
  const files = await sample({ version: "0.4" });
  files.delete("/labels/.zgroup");
  files.delete("/labels/.zattrs");
  expect(await check(files)).toEqual([]);
});
