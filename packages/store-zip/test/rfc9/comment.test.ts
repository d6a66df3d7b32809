import { describe, expect, test } from "vitest";
import { formatComment, parseComment } from "../../src/rfc9/archive-comment.js";
import { hex, join } from "../fixtures/bytes.js";

const read = (text: string) => parseComment(new TextEncoder().encode(text));

describe("the comment that is written", () => {
  test("is RFC-9's, as strict JSON", () => {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(formatComment("0.5"));
    expect(text).toBe('{"ome":{"version":"0.5","zipFile":{"centralDirectory":{"jsonFirst":true}}}}');
    expect(JSON.parse(text)).toEqual({
      ome: { version: "0.5", zipFile: { centralDirectory: { jsonFirst: true } } },
    });
  });

  test.for(["0.5", "0.6rc0", "0.10", 'a"b\\c', "ü"])("keeps the version %j", (version) => {
    expect(parseComment(formatComment(version))).toEqual({ version, jsonFirst: true });
  });
});

describe("a comment that is read", () => {
  test.for([
    ['{"ome":{"version":"0.5"}}', { version: "0.5", jsonFirst: undefined }],
    [
      '{"ome":{"zipFile":{"centralDirectory":{"jsonFirst":false}}}}',
      { version: undefined, jsonFirst: false },
    ],
    ['{"ome":{"version":5,"zipFile":{"centralDirectory":{"jsonFirst":"true"}}}}', {}],
    ['{"ome":[1,2]}', {}],
    ['{"ome":{"zipFile":null}}', {}],
    ["{}", {}],
    [' \n{"ome": {"version": "0.5", "more": [1, 2]}, "x": 1} \n', { version: "0.5" }],
  ] as const)("%j", ([text, expected]) => {
    expect(read(text)).toEqual({ version: undefined, jsonFirst: undefined, ...expected });
  });

  test.for(["", "hello", "[]", "null", "7", '"ome"', "{"])("%j is none", (text) => {
    expect(read(text)).toBeUndefined();
  });

  test("bytes that are not UTF-8 are none", () => {
    expect(parseComment(join('{"ome":{"version":"', hex("ff"), '"}}'))).toBeUndefined();
  });

  test.for([
    ["trailing commas, as in RFC-9's own example", '{"ome":{"version":"0.5","x":[1,],},}'],
    ["NULs at its end", '{"ome":{"version":"0.5"}}\0\0'],
    ["a byte order mark", '\ufeff{"ome":{"version":"0.5"}}'],
    ["single quotes", "{'ome':{'version':'0.5'}}"],
    ["all of them", '\ufeff{"ome":{"version":"0.5",\n}}\0'],
  ] as const)("%s are overlooked", ([, text]) => {
    expect(read(text)?.version).toBe("0.5");
  });

  test("commas inside strings stay, and escaped quotes end no string", () => {
    expect(read('{"ome":{"version":"a,}b",}}')?.version).toBe("a,}b");
    expect(read('{"ome":{"version":"\\",]",}}')?.version).toBe('",]');
  });

  test("an adversary's comment takes no time", () => {
    const hostile = [
      "{".repeat(65_535),
      '"\\'.repeat(32_000),
      ", ".repeat(32_000),
      `{"a":"${"\\".repeat(65_000)}`,
    ];
    // Often, so that a search that starts again at every sign does not end while anybody waits.
    for (const text of Array.from({ length: 100 }, () => hostile).flat()) expect(read(text)).toBeUndefined();
  });
});
