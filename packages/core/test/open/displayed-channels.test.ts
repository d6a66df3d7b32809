import { expect, test } from "vitest";
import { displayedChannels } from "../../src/open/displayed-channels.js";

const described = { label: "DNA", color: undefined, window: undefined, active: true };

type Channels = Parameters<typeof displayedChannels>[0]["channels"];

function colorsOf(
  count: number,
  dtype = "uint16",
  channels: Channels = [],
  model?: "greyscale" | "color",
): string[] {
  return displayedChannels({ channels, count, dtype, model }).map(
    ({ label, color, window, active }) =>
      `${label ?? ""} ${color} ${window === undefined ? "auto" : `${window.start}-${window.end}`} ${active}`,
  );
}

test("three channels of bytes are a colour picture, and a fourth one its alpha", () => {
  const picture = ["Red FF0000 0-255 true", "Green 00FF00 0-255 true", "Blue 0000FF 0-255 true"];
  expect(colorsOf(3, "uint8")).toEqual(picture);
  expect(colorsOf(4, "uint8")).toEqual([...picture, "Alpha FFFFFF 0-255 false"]);
});

test("other channels start with red, green and blue, and keep their own windows", () => {
  expect(colorsOf(3)).toEqual([" FF0000 auto true", " 00FF00 auto true", " 0000FF auto true"]);
  expect(colorsOf(2, "uint8")).toEqual([" FF00FF auto true", " 00FF00 auto true"]);
  expect(colorsOf(1, "uint8")).toEqual([" FFFFFF auto true"]);
});

test("channels that are described are no colour picture", () => {
  const channels = [described, described, described];
  expect(colorsOf(3, "uint8", channels)[0]).toBe("DNA FF0000 auto true");
});

test("greyscale is the first active channel in white", () => {
  const channels = [{ ...described, active: false }, described, described];
  expect(colorsOf(3, "uint16", channels, "greyscale")).toEqual([
    "DNA FFFFFF auto false",
    "DNA FFFFFF auto true",
    "DNA FFFFFF auto false",
  ]);
  expect(colorsOf(3, "uint16", channels, "color")[1]).toBe("DNA 00FF00 auto true");
});
