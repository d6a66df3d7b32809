import { isOzxError } from "@ozx/core";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeJpegXrPicture } from "../../src/decode/index.js";

const [WIDTH, HEIGHT] = [20, 12];

/** Lossless pictures of 20 × 12 pixels, as jxrlib encodes them by way of imagecodecs, and the values that they hold. */
const PICTURES = {
  gray8: {
    file: "SUm8ASAAAAAkw91vA07+S7GFPXd2jckIAAAAAAAAAAAIAAG8AQAQAAAACAAAAAK8BAABAAAAAAAAAIC8BAABAAAAFAAAAIG8BAABAAAADAAAAIK8CwABAAAAAADAQoO8CwABAAAAAADAQsC8BAABAAAAhgAAAMG8BAABAAAArwAAAAAAAABXTVBIT1RPABEAwAEAEwALAIAgCAAABG//AAEAAAEA6W+EFMaeN82ZAAAACAAPCGGOAeNL4QwxwDxpfCGGOAeNL4QwxzPTV8IYY5npq+EMMcj01fCGGOR6avhDDHT01fCGGOnpq+EMMeemkwx5BQx6F4Qwx48ab4QwY48aBhj4Wx4WhZesABgEBAAZAAP7xxhDBp4DDE44whg08bDEBiAwhhDBjjCGDT1hm48KGYZg",
    values: (x: number, y: number) => [(x * 3 + y * 7) % 251],
    read: (bytes: Uint8Array) => [...bytes],
  },
  gray16: {
    file: "SUm8ASAAAAAkw91vA07+S7GFPXd2jckLAAAAAAAAAAAIAAG8AQAQAAAACAAAAAK8BAABAAAAAAAAAIC8BAABAAAAFAAAAIG8BAABAAAADAAAAIK8CwABAAAAAADAQoO8CwABAAAAAADAQsC8BAABAAAAhgAAAMG8BAABAAAAlwEAAAAAAABXTVBIT1RPABEAwAIAEwALAACAIAgAAARv/wABAAABAIW4vG+BGEzQwoFjCHDCsNGEcCCSYhxBQVEErRlEEGGC8JMQ4FICEv/ojmZ79hY60YUQTCZUwhEthY60YUQTCZUwhEoYUQSAEIlDCiCgCES2FjrmFEGYTKkEIlwYScEFdWIK/0QVSQwtiYwsvowqfhBUrjCv9GFrcGFUkIKDwgr/eCx24U7QwogwBCJeF1diCuqEFv9EFrcEF79iCy+jCy+iCpWGFf6IKv0QUHhBV+jCv98KdsFO0MKIMAQiUMKIMwhEuCx2iCuqGFf6MLW6IKn0QWX0QVKwgsvowr/RhV/DCg8MKv4YV/vBTtgp28L7MGFEEwu/yYW32EIloL7NmF3+SC2/CkpueEujCQcZjCNkYoQiEIAVAADgAAkAAH98KIJhY6wDCJQhMrYUQQhCJeFEEwsdYBhEoQmVsKIIAhEthRBAEIlsKIJhCJbCiCYQiWwogkEIl4UQTCx1phEpBCZWwogoQiUMLHXCEJlbCiChCJbCiDCESg==",
    values: (x: number, y: number) => [(x * 301 + y * 77) % 4093],
    read: (bytes: Uint8Array) => [...new Uint16Array(bytes.slice().buffer)],
  },
  rgb24: {
    file: "SUm8ASAAAAAkw91vA07+S7GFPXd2jckNAAAAAAAAAAAIAAG8AQAQAAAACAAAAAK8BAABAAAAAAAAAIC8BAABAAAAFAAAAIG8BAABAAAADAAAAIK8CwABAAAAAADAQoO8CwABAAAAAADAQsC8BAABAAAAhgAAAMG8BAABAAAA2AAAAAAAAABXTVBIT1RPABEAwHEAEwALYADAAAAMAAAAwAAAAAAEb/8AAQAAAQBUNAIgHhBTGnjfNmQAAAAgAAAAAAAAAAAAAAAAAAAAABOcIYY4B40vhDDHAPGl8IYY4B40vhDDHM9NXwhhjmemr4QwxyPTV8IYY5Hpq+EMMdPTV8IYY6emr4Qwx56aTDHkFDHoXhDDHjxpvhDBjjxoGGPhbHhdCwAAC9YADAICAAyAAAAAAAAAAAAAAAAAesHHGEMGngMMTjjCGDTxsMQGIDCGEMGOMIYNPWGbjwoZhmA=",
    values: (x: number, y: number) => [0, 1, 2].map((sample) => (x * 3 + y * 7 + 17 * sample) % 251),
    read: (bytes: Uint8Array) => [...bytes],
  },
  float: {
    file: "SUm8ASAAAAAkw91vA07+S7GFPXd2jckRAAAAAAAAAAAIAAG8AQAQAAAACAAAAAK8BAABAAAAAAAAAIC8BAABAAAAFAAAAIG8BAABAAAADAAAAIK8CwABAAAAAADAQoO8CwABAAAAAADAQsC8BAABAAAAhgAAAMG8BAABAAAAKAMAAAAAAABXTVBIT1RPABEAwAcAEwALAA0EgCAIAAAEb/8AAQAAAQCFv/cHhpsYGGWw4wyW0GGWQowpTDC83xBXYDDBCwwshQgumYQT6DCmgILjx4KmyCn2gVLpIIBE7v4Z22DDFNAgujMQW/4QU/hhUXDCkcMLecMKm4QUfhBX5DGGE9HBJDCM+G1kYMNQCAg0o/CDQj8IMM/DDM84YYmuGGVZwwvC4QXr8IMR/CC1/DC1ueEAgl9w5A/Qw2FMhhlAmMNBfwgq/hBoueEGAXhhVPDCzvCCx/CDPDYQVGwwvSLwsrWF308NhBoYaIMhhnD6MMs/hhgP4YZCvDDCTwwxs8ML3eGF5/DC+VhhdKwwtoXhYesK3/hyNQhhsWZCC+DxBiP4YWP4QaZnhBih4QWJ4YYXeEE/wwxWsMJ1hhk2VwWWKCz28N1+wYawgBhqK9GGmH4YXj8MM1jhhdNwwzPOGFVcIJfDDEKwgrphBRo4LUpBXe8M2jRhh8MYXEsMLZ8MKj4YTDDCksMLRMMKrYYTfDCo+GFD4YUpfCYuCDcMiDhhf2QwsCYwrfhhL4YVbwwl8MLL8YU3owojDCQwgi7ggUED4Za4DDBugws1wwtPwwl8IJrhBI4YWS4YVRwgl8IKVQwkkMJnOCPMJHcMdsjC96RhTfGFD4YTfDCkMMKAwwsIwwpjDCb4YToDCSAwk34RXhDQwvI6EIUfgwvI6EIUfuGL6xhduYwpDDCg8MJPCCiEIJghhVlDCkUMJPDCakQQMQRZ4QiNwwdmMLi8GFVIMKt4YSeGE4QwjoYVcQwn6EEnhBI4YRcIJa+EEwhAYXBBTCj8QQpXWFpGCEJvoVYCwcGRm9CbihLSBgoOhMrQj2hJ6BbqaEnKEWUIBQjGn8IJk/DzRIiBAPMirxkuF9LUMgqqFmboWJ6hO9QpNTUKdVCxlUJPUKeNCMYEnP8ELkCRwWw7IKTxgCsqgAGFoeoXz9QjWhDqEOgRVAiqhNVQpVUIdQg1CDQDwHPIEjglpmEnjAEdQAAAAAAAAAAADCsiMLakAYSeCE7wAAAADhWRACEngAAAAAAAAAAAAAAA",
    values: (x: number, y: number) => [(x * 3 + y * 7) / 8 - 5],
    read: (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)],
  },
};

function bytesOf(name: keyof typeof PICTURES): Uint8Array {
  return new Uint8Array(Buffer.from(PICTURES[name].file, "base64"));
}

describe("JPEG XR", () => {
  test.each(Object.entries(PICTURES))("with samples of %s is decoded", async (_, { file, values, read }) => {
    const picture = await decodeJpegXrPicture(new Uint8Array(Buffer.from(file, "base64")), WIDTH * HEIGHT);
    const expected = Array.from({ length: HEIGHT }, (_row, y) =>
      Array.from({ length: WIDTH }, (_column, x) => values(x, y)),
    );
    expect([picture.width, picture.height]).toEqual([WIDTH, HEIGHT]);
    expect(read(picture.data)).toEqual(expected.flat(2));
    expect(picture.isBgr).toBe(false);
  });

  test("leaves the handlers of the process alone", async () => {
    const events = ["uncaughtException", "unhandledRejection"] as const;
    const counts = () => events.map((event) => process.listenerCount(event));
    const before = counts();
    const damaged = bytesOf("gray8").fill(0xff, 150);
    await decodeJpegXrPicture(damaged, WIDTH * HEIGHT).catch(() => {});
    expect(counts()).toEqual(before);
  });

  test("of more pixels than its tile is not decoded", async () => {
    await expect(decodeJpegXrPicture(bytesOf("gray8"), WIDTH * HEIGHT - 1)).rejects.toThrow(
      /20 × 12 pixels, more than/,
    );
  });

  test("with changed bytes gives pixels or a typed error, and the next one is right", async () => {
    const original = bytesOf("gray16");
    const whole = await decodeJpegXrPicture(original, WIDTH * HEIGHT);
    const change = fc.tuple(fc.nat({ max: original.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 5 }),
        fc.nat({ max: original.length }),
        async (changes, end) => {
          const bytes = original.slice(0, end);
          for (const [at, value] of changes) if (at < end) bytes[at] = value;
          try {
            const { width, height, samples, sampleBytes, data } = await decodeJpegXrPicture(
              bytes,
              WIDTH * HEIGHT,
            );
            expect(data.length).toBe(width * height * samples * sampleBytes);
          } catch (error) {
            if (!isOzxError(error)) throw error;
          }
        },
      ),
      { numRuns: fuzzRuns({ sample: 200, full: 2_000 }) },
    );
    expect((await decodeJpegXrPicture(original, WIDTH * HEIGHT)).data).toEqual(whole.data);
  });
});
