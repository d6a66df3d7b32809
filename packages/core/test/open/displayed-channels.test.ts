import { expect, test } from "vitest";
import { displayedChannels } from "../../src/open/displayed-channels.js";

const axes = ["c", "y", "x"].map((name) => ({
  name,
  type: name === "c" ? "channel" : "space",
  unit: undefined,
}));
const described = { label: "DNA", color: undefined, window: undefined, active: true };

function colorsOf(count: number, dtype = "uint16", channels = [] as (typeof described)[]): string[] {
  return displayedChannels({ axes, channels, level: { shape: [count, 8, 8], dtype } }).map(
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
