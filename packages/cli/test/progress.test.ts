import { stripVTControlCharacters } from "node:util";
import { formatBytes, formatSeconds, plural } from "@ozx/core/internal";
import { describe, expect, test } from "vitest";
import { createProgress } from "../src/terminal/progress.js";

/** Runs work of 100 MB through a reporter: `seconds` long, reported every 10 ms. */
function report(isTTY: boolean, seconds: number): string[] {
  const written: string[] = [];
  let time = 0;
  const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) };
  const progress = createProgress(stream, { verb: "Packing", bytes: 1e8 }, () => time);
  for (; time <= seconds * 1000; time += 10) {
    progress.update({ entries: 0, bytes: (1e8 * time) / (seconds * 1000) });
  }
  progress.clear();
  return written;
}

describe("on a terminal", () => {
  test("a line is drawn over itself ten times a second, and removed at the end", () => {
    const drawn = report(true, 2);
    expect(drawn.length).toBeGreaterThan(15);
    expect(drawn.length).toBeLessThan(25);
    expect(drawn.every((text) => text.startsWith("\r") && !text.includes("\n"))).toBe(true);
    expect(drawn.at(-1)).toBe("\r\u001b[K");
    const half = drawn.find((text) => text.includes(" 55 %"));
    expect(half).toContain("55.0 MB of 100 MB  50.0 MB/s  0.9 s left");
  });
});

test.for([8, 20, 40, 60, 80])("a terminal of %i columns gets no line that it would break", (columns) => {
  const written: string[] = [];
  let time = 0;
  const stream = { isTTY: true, columns, write: (text: string) => written.push(text) };
  const progress = createProgress(stream, { verb: "Downloading", bytes: 1e12 }, () => time);
  for (time = 200; time < 5_000; time += 200) progress.update({ entries: 0, bytes: 1e8 * time });
  for (const text of written) expect(stripVTControlCharacters(text).trim().length).toBeLessThan(columns);
  if (columns >= 40) expect(written.join("")).toContain("Downloading 24 %  240 GB of 1.0 TB");
});

test("more than was estimated is no negative time", () => {
  const written: string[] = [];
  let time = 0;
  const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  const progress = createProgress(stream, { verb: "Packing", bytes: 1e8 }, () => time);
  time = 4000;
  progress.update({ entries: 0, bytes: 2e8 });
  expect(written.join("")).toContain("Packing 100 %  200 MB  50.0 MB/s");
  expect(written.join("")).not.toContain("left");
});

test("what was done before is no part of the rate", () => {
  const written: string[] = [];
  let time = 0;
  const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  const progress = createProgress(stream, { verb: "Packing", bytes: 1e8 }, () => time);
  time = 5000;
  progress.startAt({ entries: 1, bytes: 5e7 });
  time = 7000;
  progress.update({ entries: 1, bytes: 6e7 });
  expect(written.join("")).toContain("Packing 60 %  60.0 MB of 100 MB  5.0 MB/s  8.0 s left");
});

describe("in a log", () => {
  test("short work says nothing", () => {
    expect(report(false, 1)).toEqual([]);
  });

  test("long work says something now and then", () => {
    const lines = report(false, 600);
    expect(lines.length).toBeGreaterThan(9);
    expect(lines.length).toBeLessThan(40);
    expect(lines.every((line) => /^Packing \d+ % .*\n$/.test(line))).toBe(true);
  });
});

test("units are decimal and short", () => {
  expect([0, 999, 1000, 10_100_000, 99_960_000, 5e9, 1e18].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "10.1 MB",
    "100 MB",
    "5.0 GB",
    "1000 PB",
  ]);
  expect([0.04, 9.94, 12.3, 61, 3725].map(formatSeconds)).toEqual([
    "0.0 s",
    "9.9 s",
    "12 s",
    "1 min 1 s",
    "1 h 2 min",
  ]);
  expect([plural(1, "entry", "entries"), plural(100_000, "entry", "entries")]).toEqual([
    "1 entry",
    "100,000 entries",
  ]);
});
