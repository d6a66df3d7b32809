import { writeFileSync } from "node:fs";
import type { AbsolutePath } from "@ozx/core";
import { compareKeys } from "@ozx/core/container";
import {
  describeWithChromium,
  outsideSample,
  sampleMap,
  skipFor,
  tempFolder,
  testSample,
  withoutTool,
} from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { chooseFile, type Page, picture, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { pageServer } from "./page/serve-page.js";
import { readWithPython, validateWithCommand } from "./page/tools.js";

const temp = tempFolder();
/** More entries than a page of the table has. */
const MANY = { size: { c: 2, z: 1, y: 256, x: 256 }, levels: 2, chunk: 32 } as const;
let good: Uint8Array;
let broken: Uint8Array;

beforeAll(async () => {
  good = await sampleArchive(MANY);
  broken = disordered(await sampleMap(MANY));
  writeFileSync(temp.path("good.ozx"), good);
  writeFileSync(temp.path("broken.ozx"), broken);
});

/** An archive whose comment claims `jsonFirst` and a version, both wrongly. */
function disordered(entries: Map<AbsolutePath, Uint8Array>): Uint8Array {
  const sorted = [...entries].sort(([a], [b]) => compareKeys(b, a));
  const zip = zipSync(Object.fromEntries(sorted.map(([key, value]) => [key.slice(1), value])), { level: 0 });
  const claims = { version: "0.4", zipFile: { centralDirectory: { jsonFirst: true } } };
  const comment = Buffer.from(JSON.stringify({ ozx: claims }));
  const bytes = Buffer.concat([zip, comment]);
  // The length of the comment ends the end-of-central-directory record (APPNOTE 4.3.16).
  bytes.writeUInt16LE(comment.length, zip.length - 2);
  return bytes;
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name }).click();
}

/** Each group of findings as the page shows it. */
function shownFindings(page: Page): Promise<{ rule: string; severity: string; count: number }[]> {
  return page.locator(".finding").evaluateAll((groups) =>
    groups.map((group) => ({
      rule: group.querySelector("code")?.textContent ?? "",
      severity: group.getAttribute("data-severity") ?? "",
      count: Number(group.querySelector(".count")?.textContent?.replace(/\D/g, "") ?? 1),
    })),
  );
}

const served = pageServer();

describeWithChromium("the section Archive", (chromium) => {
  testSample(["broken.ozx", "good.ozx"], 1)("has the findings of ozx validate for %s", async (name) => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, name === "good.ozx" ? good : broken, name);
    await openTab(page, "Archive");
    await page.locator(".verdicts").waitFor();
    const { findings, valid } = await validateWithCommand(temp.path(name));
    expect(await shownFindings(page)).toEqual(
      findings.map(({ rule, severity, count }) => ({ rule, severity, count })),
    );
    expect(await page.locator("#report-title").textContent()).toMatch(
      valid ? /^Valid/ : /^Not valid: \d+ error/,
    );
    expect(complaints).toEqual([]);
    await page.getByRole("term").filter({ hasText: "ZIP64" }).waitFor();
    await picture(page, `archive-${name.replace(".ozx", "")}`);
  });

  test("checks all data on request", skipFor(outsideSample() ?? withoutTool("python3")), async () => {
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    const damaged = good.slice();
    const [last] = (await readWithPython(temp.path("good.ozx"))).slice(-1);
    if (last === undefined) return expect.unreachable();
    const at = last.offset + 30 + last.name.length + 20 + 4;
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    await chooseFile(page, damaged, "damaged.ozx");
    await openTab(page, "Archive");
    await page.getByRole("button", { name: "Check all data too" }).click();
    await page.getByText("All data was read and decoded").waitFor();
    expect(await shownFindings(page)).toContainEqual({ rule: "zip-crc", severity: "error", count: 1 });
  });

  test(
    "lists the entries as Python's zipfile does, page by page",
    skipFor(outsideSample() ?? withoutTool("python3")),
    async () => {
      await using visited = await visit(chromium(), served.url);
      const { page } = visited;
      await chooseFile(page, good, "good.ozx");
      await openTab(page, "Archive");
      const entries = await readWithPython(temp.path("good.ozx"));
      const section = page.getByRole("region", { name: "Entries" });
      const rows = async (): Promise<string[][]> =>
        section
          .locator("tbody tr")
          .evaluateAll((all) =>
            all.map((row) =>
              [...row.querySelectorAll("td")].map((cell) => cell.title || cell.textContent || ""),
            ),
          );
      const expected = entries.map(({ name, size, offset }) => [
        ...[name, "stored", `${size.toLocaleString("en-US")} bytes`, `${size.toLocaleString("en-US")} bytes`],
        offset.toLocaleString("en-US"),
      ]);
      const all: string[][] = [];
      for (let first = 0; first < entries.length; first += 100) {
        const last = Math.min(first + 100, entries.length);
        await section.getByText(`${first + 1} to ${last} of ${entries.length}`).waitFor();
        all.push(...(await rows()));
        if (last < entries.length) await section.getByRole("button", { name: "Next page" }).click();
      }
      expect(all).toEqual(expected);

      await section.getByRole("searchbox").fill("LABELS/");
      const found = expected.filter(([name]) => name?.includes("labels/"));
      await section.getByText(`1 to ${found.length} of ${found.length}`).waitFor();
      expect(await rows()).toEqual(found);
      await section.getByRole("searchbox").fill("nothing like this");
      await section.getByText("No entry name contains this text").waitFor();
    },
  );

  test("shows any metadata, with keys alone", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await chooseFile(page, good, "good.ozx");
    await page.getByRole("tab", { name: "Image" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("tab", { name: "Archive", selected: true }).waitFor();
    await page.getByRole("button", { name: "zarr.json", exact: true }).waitFor();
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => document.activeElement?.textContent);
      if (focused === "zarr.json") break;
    }
    await page.keyboard.press("Enter");
    const shown = page.getByRole("complementary", { name: "zarr.json" });
    await expect.poll(() => shown.locator("pre").textContent()).toContain("multiscales");
    const text = (await shown.locator("pre").textContent()) ?? "";
    const original = (await sampleMap(MANY)).get("/zarr.json");
    expect(JSON.parse(text)).toEqual(JSON.parse(new TextDecoder().decode(original)));
    expect(await shown.evaluate((panel) => panel === document.activeElement)).toBe(true);
    await picture(page, "archive-document");
    await shown.getByRole("button", { name: "Close the document" }).click();
    expect(await shown.count()).toBe(0);
  });

  test("says what is wrong with an archive that cannot be opened", async () => {
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await chooseFile(page, good.slice(0, -300), "cut.ozx");
    await page.getByRole("alert").waitFor();
    await page.getByText("What is wrong with it").waitFor();
    expect(await shownFindings(page)).toContainEqual({ rule: "zip-eocd", severity: "error", count: 1 });
    await picture(page, "archive-cut");
  });

  const looks: readonly [name: string, look: { width?: number; height?: number; dark?: boolean }][] = [
    ["dark", { dark: true }],
    ["phone", { width: 390, height: 844 }],
    ["phone-dark", { width: 390, height: 844, dark: true }],
  ];
  test.for(looks)("fits %s", skipFor(outsideSample()), async ([name, look]) => {
    await using visited = await visit(chromium(), served.url, look);
    const { page } = visited;
    await chooseFile(page, broken, "broken.ozx");
    for (const section of ["Archive", "Metadata", "Convert"]) {
      await openTab(page, section);
      await page.locator(".section-page h2").first().waitFor();
      if (section === "Archive") await page.locator(".verdicts").waitFor();
      await picture(page, `${section.toLowerCase()}-${name}`);
      const over = await page
        .locator("#content")
        .evaluate((content) => content.scrollWidth - content.clientWidth);
      expect(over).toBeLessThanOrEqual(0);
    }
  });
});

describeWithChromium("the section Metadata", (chromium) => {
  test("has the tree with how every array is stored", async () => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive({ ...MANY, shards: true }), "sharded.ozx");
    await openTab(page, "Metadata");
    const row = page
      .getByRole("row")
      .filter({ has: page.getByRole("button", { name: "0", exact: true }) })
      .first();
    await expect.poll(() => row.textContent()).not.toContain("…");
    const cells = await row.getByRole("cell").allTextContents();
    expect(cells.slice(1, 5)).toEqual(["2×1×256×256", "1×1×32×32", "1×2×64×64", "uint16"]);
    await row.getByRole("button", { name: "0", exact: true }).click();
    await page.getByRole("complementary", { name: "0/zarr.json" }).getByText("sharding_indexed").waitFor();
    await picture(page, "metadata");
    await page.getByRole("button", { name: "Contents of labels" }).click();
    expect(await page.getByRole("button", { name: "Contents of labels" }).getAttribute("aria-expanded")).toBe(
      "false",
    );
    expect(complaints).toEqual([]);
  });
});
