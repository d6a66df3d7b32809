import { encodeJson } from "@ozx/testing";
import { extraBlock, zip64Extra } from "../fixtures/build-zip.js";
import { ascii, join } from "../fixtures/bytes.js";
import {
  added,
  array,
  COMMENT,
  changed,
  conforming,
  ENTRIES,
  entry,
  group,
  omeGroup,
  permuted,
} from "./conforming.js";

/** What a broken archive must be found to break: rule and severity. */
export type Expected = readonly [rule: string, severity: "error" | "warning" | "info"];

export interface BrokenArchive {
  /** The rule that it breaks. */
  readonly rule: string;
  readonly what: string;
  readonly bytes: () => Uint8Array;
  readonly expected: readonly Expected[];
  readonly name?: string;
}

function broken(
  rule: string,
  severity: Expected[1],
  what: string,
  bytes: () => Uint8Array,
  /** What cannot but be broken along with it. */
  along: readonly Expected[] = [],
): BrokenArchive {
  return { rule, what, bytes, expected: [[rule, severity], ...along] };
}

const withComment = (comment: unknown) => () => conforming({ comment: JSON.stringify(comment) });
const withOme = (ome: object) => withComment({ ome });
const NO_FLAG = { comment: JSON.stringify({ ome: { version: "0.5" } }) };
const SHARD = 5;
const nested = (): Uint8Array => conforming();

export const BROKEN_ARCHIVES: readonly BrokenArchive[] = [
  broken("zip-eocd", "error", "no end record", () => conforming().subarray(0, -60)),
  broken("zip-eocd", "error", "no archive", () => new TextEncoder().encode("no archive, but rather a text")),
  broken("zip-eocd", "error", "nothing at all", () => new Uint8Array(0)),
  broken("zip-eocd", "error", "fewer entries counted than there are", () =>
    conforming({ zip64EndFields: { entries: 6, entriesOnDisk: 6 } }),
  ),
  broken("not-multipart", "error", "a disk number in the end record", () => conforming({ end: { disk: 1 } })),
  broken("not-multipart", "error", "a disk number in a central header", () =>
    conforming({ entries: changed(SHARD, { central: { disk: 2 } }) }),
  ),
  broken("not-multipart", "error", "two disks by the locator", () =>
    conforming({ zip64EndFields: { locatorDisks: 2 } }),
  ),
  broken("not-multipart", "error", "fewer entries on this disk than in all", () =>
    conforming({ zip64EndFields: { entriesOnDisk: 3 } }),
  ),
  broken(
    "not-multipart",
    "warning",
    "the mark of an archive that was not split in the end",
    () => conforming({ entries: changed(0, { gap: ascii("PK00") }) }),
    [["prefix-bytes", "warning"]],
  ),
  broken("trailing-bytes", "error", "bytes after the comment", () => conforming({ suffix: ascii("\r\n") })),
  broken("prefix-bytes", "warning", "a program before the archive, offsets right", () =>
    conforming({ entries: changed(0, { gap: ascii("#!/bin/sh\n") }) }),
  ),
  broken("prefix-bytes", "warning", "a program before the archive, offsets off", () =>
    conforming({ prefix: ascii("#!/bin/sh\n") }),
  ),
  broken("orphan-local", "warning", "bytes between entries", () =>
    conforming({ entries: changed(SHARD, { gap: new Uint8Array(100) }) }),
  ),
  broken("orphan-local", "warning", "an entry that is not listed", () =>
    conforming({ entries: added({ ...entry("b/0/c/0/1"), listed: false }, 6) }),
  ),
  broken("orphan-local", "warning", "bytes before the directory", () =>
    conforming({ beforeDirectory: new Uint8Array(7) }),
  ),
  broken("orphan-local", "warning", "bytes behind the directory", () =>
    conforming({ beforeEnd: new Uint8Array(7) }),
  ),
  broken(
    "zip-overlap",
    "error",
    "two entries with one body",
    () => conforming({ entries: changed(6, { central: { extra: zip64Extra(18, 18, offsetOf(SHARD)) } }) }),
    [
      ["orphan-local", "warning"],
      ["zip-lfh-match", "error"],
    ],
  ),
  ...[
    ["another name", { name: ascii("b/0/c/9/0") }],
    ["another method", { method: 8 }],
    ["another CRC", { crc: 1 }],
    ["other flags", { flags: 1 }],
  ].map(([what, local]) =>
    broken("zip-lfh-match", "error", `${what} in the local header`, () =>
      conforming({ entries: changed(6, { local: local as object }) }),
    ),
  ),
  broken("zip-lfh-match", "error", "another size in the local header", () =>
    conforming({ entries: changed(6, { local: { extra: zip64Extra(1, 1) } }) }),
  ),
  broken("zip-lfh-match", "error", "no local header", () =>
    conforming({ entries: changed(SHARD, { local: { signature: 0x04034b51 } }) }),
  ),
  broken("zip-sizes", "error", "two sizes of a stored entry", () =>
    conforming({
      entries: changed(6, {
        local: { extra: zip64Extra(99, 18) },
        central: { extra: centralExtra(6, 99, 18) },
      }),
    }),
  ),
  broken("zip-method", "error", "bzip2", () =>
    conforming({ entries: changed(6, { local: { method: 12 }, central: { method: 12 } }) }),
  ),
  broken("zip-version", "warning", "version 12.0 of ZIP", () =>
    conforming({ entries: changed(6, { central: { versionNeeded: 120 } }) }),
  ),
  broken("no-encryption", "error", "the flag of encryption", () =>
    conforming({ entries: changed(6, { local: { flags: 1 }, central: { flags: 1 } }) }),
  ),
  broken(
    "zip64-wellformed",
    "warning",
    "an offset in a local ZIP64 field",
    () => conforming({ entries: changed(6, { local: { extra: zip64Extra(18, 18, 0) } }) }),
    [["zip64-entries", "warning"]],
  ),
  broken(
    "zip64-wellformed",
    "warning",
    "a central ZIP64 field for nothing",
    () =>
      conforming({
        entries: changed(6, { central: { size: 18, compressedSize: 18, headerOffset: offsetOf(6) } }),
      }),
    [["zip64-entries", "info"]],
  ),
  broken("extra-wellformed", "warning", "two ZIP64 fields", () =>
    conforming({ entries: changed(6, { local: { extra: join(zip64Extra(18, 18), zip64Extra(1, 1)) } }) }),
  ),
  broken(
    "extra-wellformed",
    "warning",
    "bytes that are no block",
    () => conforming({ entries: changed(6, { local: { extra: join([1]), size: 18, compressedSize: 18 } }) }),
    [["zip64-entries", "warning"]],
  ),
  broken(
    "extra-wellformed",
    "warning",
    "other blocks in the local header than in the central one",
    () =>
      conforming({
        entries: changed(6, {
          local: { extra: join(zip64Extra(18, 18), extraBlock(0x5553, new Uint8Array(1))) },
          central: { extra: join(zip64Extra(18, 18, offsetOf(6)), extraBlock(0x5554, new Uint8Array(1))) },
        }),
      }),
    [["extra-fields", "info"]],
  ),
  broken("name-unsafe", "error", "two dots", () => conforming({ entries: added(entry("a/0/../x")) })),
  broken("name-unsafe", "error", "an absolute name", () => conforming({ entries: added(entry("/a/0/c")) }), [
    ["unknown-files", "info"],
  ]),
  broken("name-unsafe", "error", "a NUL", () => conforming({ entries: added(entry("a/0/c/\0")) })),
  broken("name-backslash", "error", "a backslash", () => conforming({ entries: added(entry("a/0/c\\1")) })),
  broken("name-utf8", "error", "a name that claims to be UTF-8", () =>
    conforming({
      entries: added({
        ...entry(join("a/0/c/", [0xff])),
        local: { flags: 0x800 },
        central: { flags: 0x800 },
      }),
    }),
  ),
  broken("duplicates", "warning", "a shard twice", () => conforming({ entries: added(ENTRIES[6]) })),
  broken("duplicates", "error", "a zarr.json twice with other content", () =>
    conforming({ entries: added(entry("b/zarr.json", group({ old: true })), 2) }),
  ),
  broken("name-case", "warning", "names that differ in case", () =>
    conforming({ entries: added(entry("a/0/C/0/0")) }),
  ),
  broken("name-normal-form", "warning", "names that differ in how an é is written", () =>
    conforming({ entries: [...added(entry("a/0/\u00e9")), entry("a/0/e\u0301")] }),
  ),
  broken("name-case", "warning", "straße beside STRASSE", () =>
    conforming({ entries: [...added(entry("a/0/straße")), entry("a/0/STRASSE")] }),
  ),
  broken("name-case", "error", "a file that is a folder too", () =>
    conforming({ entries: [...added(entry("a/0/x")), entry("a/0/x/y/z")] }),
  ),
  ...(
    [
      ["a control character", "a/0/\u001b[31m"],
      ["text from right to left", "a/0/\u202egnp.exe"],
      ["a device of Windows", "a/0/Aux.txt"],
      ["a folder that is a device", "a/0/com1/x"],
      ["a dot at the end", "a/0/x./y"],
      ["a space at the end", "a/0/x "],
    ] as const
  ).map(([what, name]) =>
    broken("name-portable", "warning", what, () => conforming({ entries: added(entry(name)) })),
  ),
  broken("name-backslash", "warning", "backslashes of Windows PowerShell", () =>
    conforming({
      entries: ENTRIES.map((one) => ({
        ...one,
        name: String(one.name).replaceAll("/", "\\"),
        central: { madeBy: 20 },
      })),
    }),
  ),
  broken("zip-method", "error", "patched data", () =>
    conforming({ entries: changed(SHARD, { local: { flags: 32 }, central: { flags: 32 } }) }),
  ),
  broken("duplicates", "error", "a shard twice, with other content", () =>
    conforming({ entries: added(entry("a/0/c/0/0", "another"), SHARD) }),
  ),
  broken("zip-crc", "error", "a byte of data changed", () =>
    conforming({ entries: changed(6, { packed: new TextEncoder().encode("the one shard of B") }) }),
  ),
  broken("root-zarr-json", "error", "no root", () => conforming({ entries: ENTRIES.slice(1), ...NO_FLAG })),
  broken("root-zarr-json", "error", "Zarr v2", () =>
    conforming({ entries: [entry(".zgroup", encodeJson({ zarr_format: 2 }))], ...NO_FLAG }),
  ),
  broken("root-is-ome", "error", "a root without ome", () =>
    conforming({ entries: changed(0, { data: group() }) }),
  ),
  broken("root-is-ome", "error", "a root that is no JSON", () =>
    conforming({ entries: changed(0, { data: ascii("{") }) }),
  ),
  broken("root-is-ome", "error", "a root that is an array", () =>
    conforming({ entries: [entry("zarr.json", array()), entry("c/0/0", "shard")] }),
  ),
  broken("one-hierarchy", "error", "a group without zarr.json", () =>
    conforming({ entries: permuted(0, 1, 3, 4, 5, 6) }),
  ),
  broken("one-hierarchy", "error", "a node in an array", () =>
    conforming({ entries: added(entry("a/0/x/zarr.json", group()), 5) }),
  ),
  broken("version-consistent", "error", "two versions", () =>
    conforming({ entries: changed(1, { data: omeGroup("0.6") }) }),
  ),
  broken("no-v2-mix", "warning", "metadata of Zarr v2 too", () =>
    conforming({ entries: added(entry("a/.zattrs", "{}")) }),
  ),
  broken("no-nested-zip", "error", "an .ozx inside", () =>
    conforming({ entries: added(entry("a/0/x.ozx")) }),
  ),
  broken("no-nested-zip", "warning", "a .zip inside", () =>
    conforming({ entries: added(entry("a/0/x.zip")) }),
  ),
  broken("no-nested-zip", "error", "a .zip of Zarr inside", () =>
    conforming({ entries: added(entry("a/0/x.zip", nested())) }),
  ),
  broken(
    "no-nested-zip",
    "error",
    "an archive by another name",
    () => conforming({ entries: added(entry("extra.bin", nested())) }),
    [["unknown-files", "info"]],
  ),
  broken("stored", "warning", "a deflated shard", () =>
    conforming({ entries: changed(6, { deflate: true }) }),
  ),
  broken("sharding", "warning", "chunks without shards", () =>
    conforming({ entries: changed(3, { data: array({ chunks: [4, 4], codecs: [{ name: "bytes" }] }) }) }),
  ),
  broken("root-first-local", "warning", "another zarr.json first in the file", () =>
    conforming({ entries: permuted(1, 0, 2, 3, 4, 5, 6), listing: [1, 0, 2, 3, 4, 5, 6] }),
  ),
  broken("root-first-cd", "warning", "another zarr.json first in the directory", () =>
    conforming({ listing: [1, 0, 2, 3, 4, 5, 6], ...NO_FLAG }),
  ),
  broken("json-before-data", "warning", "a zarr.json after a chunk, in the directory", () =>
    conforming({ listing: [0, 1, 2, 3, 5, 4, 6], ...NO_FLAG }),
  ),
  broken("json-before-data", "warning", "a zarr.json after a chunk, in the file", () =>
    conforming({ entries: permuted(0, 1, 2, 3, 5, 4, 6), listing: [0, 1, 2, 3, 5, 4, 6] }),
  ),
  broken("bfs-order", "warning", "a deeper zarr.json first, in the directory", () =>
    conforming({ listing: [0, 1, 3, 2, 4, 5, 6], ...NO_FLAG }),
  ),
  broken("bfs-order", "warning", "a deeper zarr.json first, in the file", () =>
    conforming({ entries: permuted(0, 1, 3, 2, 4, 5, 6), listing: [0, 1, 3, 2, 4, 5, 6] }),
  ),
  broken("bfs-order", "warning", "children in another order than their parents", () =>
    conforming({ listing: [0, 1, 2, 4, 3, 5, 6], ...NO_FLAG }),
  ),
  { ...broken("ext-ozx", "warning", "a name that ends with .zip", () => conforming()), name: "sample.zip" },
  broken("comment-json", "warning", "no comment", () => conforming({ comment: "" })),
  broken("comment-json", "warning", "a comment that is no JSON", () =>
    conforming({ comment: "made by hand" }),
  ),
  broken("comment-json", "warning", "a comment that is a list", withComment([COMMENT])),
  broken("comment-json", "warning", "a comment that is null", withComment(null)),
  broken("comment-json", "warning", "a comment without ome", withComment({})),
  broken("comment-json", "warning", "a comment that is not UTF-8", () =>
    conforming({ comment: Uint8Array.from([0x7b, 0xff, 0x7d]) }),
  ),
  broken("comment-json", "warning", "a version that is a number", withOme({ ...COMMENT.ome, version: 0.5 })),
  broken(
    "comment-json",
    "warning",
    "a comment in the extensible data sector",
    () => conforming({ comment: "", zip64EndFields: { sector: encodeJson(COMMENT) } }),
    [["zip64-agree", "error"]],
  ),
  broken("comment-version", "warning", "another version", withOme({ ...COMMENT.ome, version: "0.6" })),
  ...[
    ["a byte order mark", `\ufeff${JSON.stringify(COMMENT)}`],
    ["NULs at the end", `${JSON.stringify(COMMENT)}\0\0`],
    ["a trailing comma", JSON.stringify(COMMENT).replace("true", "true,")],
    ["single quotes", JSON.stringify(COMMENT).replaceAll('"', "'")],
  ].map(([what, comment]) =>
    broken("comment-tolerance", "warning", what as string, () => conforming({ comment: comment as string })),
  ),
  broken("comment-size", "warning", "a long comment", () =>
    conforming({ comment: `${JSON.stringify(COMMENT)}${" ".repeat(4096)}` }),
  ),
  broken("comment-content", "info", "something of another program", withComment({ ...COMMENT, other: 1 })),
  broken("comment-content", "warning", "metadata of the image", withOme({ ...COMMENT.ome, multiscales: [] })),
  broken(
    "jsonfirst-type",
    "warning",
    "a jsonFirst that is a string",
    withOme({
      version: "0.5",
      zipFile: { centralDirectory: { jsonFirst: "true" } },
    }),
    [["jsonfirst-unclaimed", "info"]],
  ),
  broken("jsonfirst-type", "warning", "a zipFile that is true", withOme({ version: "0.5", zipFile: true }), [
    ["jsonfirst-unclaimed", "info"],
  ]),
  broken(
    "jsonfirst-type",
    "info",
    "a member that RFC-9 does not know",
    withOme({
      version: "0.5",
      zipFile: { centralDirectory: { jsonFirst: true, sorted: true } },
    }),
  ),
  broken(
    "jsonfirst-true-but-false",
    "error",
    "a jsonFirst that is not true of a zarr.json below the root",
    () => conforming({ listing: [0, 1, 2, 3, 5, 4, 6] }),
    [["json-before-data", "warning"]],
  ),
  broken(
    "jsonfirst-true-but-false",
    "error",
    "a jsonFirst that is not true of the order of depths",
    () => conforming({ listing: [0, 1, 3, 2, 4, 5, 6] }),
    [["bfs-order", "warning"]],
  ),
  broken("jsonfirst-unclaimed", "info", "no jsonFirst where it would be true", () => conforming(NO_FLAG)),
  broken("data-descriptor", "warning", "sizes behind the data", () =>
    conforming({ entries: changed(6, { descriptor: "signed" }) }),
  ),
  broken("name-encoding", "warning", "a name in UTF-8 that does not say so", () =>
    conforming({ entries: added(entry(new TextEncoder().encode("a/0/é"))) }),
  ),
  broken("extra-fields", "info", "a timestamp", () =>
    conforming({
      entries: changed(6, {
        local: { extra: join(zip64Extra(18, 18), extraBlock(0x5455, new Uint8Array(5))) },
      }),
    }),
  ),
  broken("dir-entries", "info", "a folder at the end", () => conforming({ entries: added(entry("a/", "")) })),
  broken("dir-entries", "warning", "a folder before a zarr.json", () =>
    conforming({ entries: added(entry("a/", ""), 3) }),
  ),
  broken("symlink", "warning", "a symbolic link", () =>
    conforming({ entries: added({ ...entry("a/0/link"), central: { externalAttributes: 0xa1ff0000 } }) }),
  ),
  broken("unknown-files", "info", "a file of another kind", () =>
    conforming({ entries: added(entry("README.md")) }),
  ),
  broken("cd-size", "info", "more entries than the classic record can count", () =>
    conforming({
      entries: [...ENTRIES, ...Array.from({ length: 0x1_0000 }, (_, i) => entry(`a/0/c/1/${i}`, ""))],
    }),
  ),
];

/** Where entry `index` starts in an archive that was not changed before it. */
function offsetOf(index: number): number {
  return ENTRIES.slice(0, index).reduce(
    (sum, { name, data }) => sum + 30 + name.length + 20 + data.length,
    0,
  );
}

function centralExtra(index: number, size: number, compressedSize: number): Uint8Array {
  return zip64Extra(size, compressedSize, offsetOf(index));
}
