import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardedInteger, isLaxJson, parseJsonObject, stringifyJson } from "../../src/zarr/json.js";

const place = { location: "image.zarr", path: "zarr.json" };

function parse(text: string): ReturnType<typeof parseJsonObject> {
  return parseJsonObject(new TextEncoder().encode(text), place);
}

function roundTrip(text: string): string {
  return new TextDecoder().decode(stringifyJson(parse(text)));
}

describe("integers beyond 2^53", () => {
  test("survive parsing and writing, byte for byte", () => {
    const text = `{
  "fill_value": 18446744073709551615,
  "ids": [
    -9223372036854775808,
    9007199254740991,
    9007199254740993,
    123456789012345678901234567890
  ],
  "nested": {
    "x": 10000000000000001
  }
}`;
    expect(roundTrip(text)).toBe(text);
  });

  test("of any size are preserved anywhere", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.string(), (a, b, name) => {
        const key = JSON.stringify(`k${name}`);
        const text = `{\n  "a": ${a},\n  ${key}: [\n    ${b}\n  ]\n}`;
        expect(roundTrip(text)).toBe(text);
      }),
    );
  });

  test("can be had as bigint", () => {
    const document = parse('{"big":18446744073709551615,"small":5,"text":"18446744073709551615"}');
    expect(guardedInteger(document["big"])).toBe(18446744073709551615n);
    expect(guardedInteger(document["small"])).toBeUndefined();
    expect(guardedInteger(document["text"])).toBeUndefined();
  });
});

describe("everything else is as JSON.parse has it", () => {
  test("numbers inside strings and names are left alone", () => {
    const text = JSON.stringify({
      "18446744073709551615": '18446744073709551615, "18446744073709551615" \\',
      path: "C:\\18446744073709551615\\",
      quoted: 'say "9007199254740993"',
    });
    expect(parse(text)).toEqual(JSON.parse(text));
    expect(JSON.parse(roundTrip(text))).toEqual(JSON.parse(text));
  });

  test("floats and safe integers are numbers", () => {
    const text = '{"a":0.325,"b":1e300,"c":-1.5e-7,"d":9007199254740991,"e":12345678901234567.5,"f":1e22}';
    expect(parse(text)).toEqual(JSON.parse(text));
    expect(JSON.parse(roundTrip(text))).toEqual(JSON.parse(text));
  });

  test("-0.0 keeps its sign", () => {
    const text = '{\n  "fill_value": -0.0,\n  "complex": [\n    0,\n    -0.0\n  ]\n}';
    expect(roundTrip(text)).toBe(text);
  });

  test("any document keeps its value", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
        const text = JSON.stringify(document);
        expect(JSON.parse(roundTrip(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("is written with two spaces and no newline at the end, as zarr-python does", () => {
    expect(roundTrip('{"a":[1],"é":{}}')).toBe('{\n  "a": [\n    1\n  ],\n  "é": {}\n}');
  });
});

describe("documents that are not JSON objects", () => {
  test.for([
    "",
    "{",
    '{"a":1,}',
    "NaN?",
    '{"a":-}',
    "+Infinity",
    '{"a":18446744073709551615',
    '{"a":01234567890123456789}',
  ])("%j is not JSON", (text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        _tag: "InvalidMetadata",
        ...place,
        message: expect.stringMatching(/^zarr\.json in image\.zarr is not JSON/),
      }),
    );
  });

  test.for(["[]", "1", "NaN", "null", '"text"', "18446744073709551615"])("%s is not an object", (text) => {
    expect(() => parse(text)).toThrow(/zarr\.json in image\.zarr is not a JSON object/);
  });

  test("bytes that are not UTF-8 are rejected", () => {
    expect(() => parseJsonObject(Uint8Array.of(0x7b, 0xff, 0x7d), place)).toThrow(/not JSON/);
  });

  test("a byte order mark does no harm", () => {
    expect(parseJsonObject(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d), place)).toEqual({});
  });

  test.for([
    ["a string without end", `{"a":"${'\\"'.repeat(500_000)}`],
    ["a string without end that ends in a backslash", `{"a":"${'\\"'.repeat(500_000)}\\`],
    ["quotes only", '"'.repeat(1_000_001)],
    ["digits without end", `{"a":${"1".repeat(1_000_000)}`],
    ["minus signs only", "-".repeat(1_000_000)],
  ] as const)("a broken document is refused in no time: %s", ([, hostile]) => {
    // Some milliseconds; with a search that starts again at every quote it does not end while anybody waits.
    expect(() => parse(hostile)).toThrow(/not JSON/);
  });
});

test("bare NaN and Infinity, which zarr-python writes, become the texts that it reads back", () => {
  const text = '{"a":NaN,"b":[-Infinity,Infinity],"NaN":"NaN, \\"Infinity","c":1}';
  const document = parse(text);
  expect(document).toEqual({ a: "NaN", b: ["-Infinity", "Infinity"], NaN: 'NaN, "Infinity', c: 1 });
  expect(isLaxJson(document)).toBe(true);
  expect(isLaxJson(parse('{"a":"NaN"}'))).toBe(false);
  expect(JSON.parse(new TextDecoder().decode(stringifyJson(document)))).toEqual(document);
});

test.for(["[", '{"a":'])("a hundred thousand %s are refused, and do not overflow the stack", (open) => {
  const [start, end] = open === "[" ? ['{"a":', "}"] : ["", ""];
  const close = open === "[" ? "]" : "}";
  const text = `${start}${open.repeat(100_000)}1${close.repeat(100_000)}${end}`;
  expect(() => parse(text)).toThrow(/^zarr\.json in image\.zarr is nested more than 500 levels deep/);
});
