import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { AbsolutePath } from "@ozx/core";
import {
  describeWithChromium,
  describeWithSharedData,
  outsideSample,
  sampleMap,
  skipFor,
  tempFolder,
  testSample,
  writeSampleFolder,
} from "@ozx/testing";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { chooseFile, dropPath, type Page, picture, visit } from "./page/drive.js";
import { archiveOf, sampleArchive } from "./page/make-archive.js";
import { stagePixels } from "./page/pixels.js";
import { quadrantMap } from "./page/quadrants.js";
import { pageServer } from "./page/serve-page.js";

const temp = tempFolder();
const SMALL = { size: { z: 1, y: 64, x: 64 }, levels: 1 } as const;

/** Writes a file to drop. */
function fileOf(name: string, bytes: Uint8Array): string {
  writeFileSync(temp.path(name), bytes);
  return temp.path(name);
}

const served = pageServer();

describeWithChromium("opening", (chromium) => {
  test("the page says what it does, and that nothing is uploaded", async () => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await page.getByRole("heading", { name: "Drop an OME-Zarr image here" }).waitFor();
    await page.getByText("Your file stays on this computer").waitFor();
    await picture(page, "welcome");
    expect(complaints).toEqual([]);
  });

  test("opens a chosen file, then a dropped folder, then a dropped file", async () => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    const shows = async (name: string): Promise<void> => {
      await page.getByRole("banner").getByText(name).waitFor();
      await page.locator(".stage[data-complete=true]").waitFor();
      expect(await page.getByRole("banner").locator("strong").allTextContents()).toEqual([name]);
    };
    await chooseFile(page, await sampleArchive(SMALL), "first.ozx");
    await shows("first.ozx");
    await writeSampleFolder(temp.path("second.zarr"), SMALL);
    await dropPath(page, temp.path("second.zarr"));
    await shows("second.zarr");
    await dropPath(page, fileOf("third.ozx", await sampleArchive({ ...SMALL, shards: true })));
    await shows("third.ozx");
    expect(await page.locator(".drop-veil[data-over=true]").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  describeWithSharedData("an image from a microscope", "cardiomyocyte-v04.zarr", (path) => {
    test("opens a dropped folder of OME-Zarr 0.4", async () => {
      await using visited = await visit(chromium(), served.url);
      const { page, complaints } = visited;
      await dropPath(page, path);
      await page.getByRole("checkbox", { name: "Lamin B1" }).waitFor();
      const screen = await stagePixels(page);
      const middle = screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2));
      expect(Math.max(...middle), "the middle of the picture").toBeGreaterThan(30);
      await page.getByRole("checkbox", { name: "nuclei", exact: true }).check();
      await picture(page, "cardiomyocyte");
      await page.getByRole("tab", { name: "Metadata" }).click();
      await page.getByText("3×1×1080×1280").waitFor();
      expect(complaints).toEqual([]);
    });
  });

  test("opens a chosen folder of OME-Zarr 0.4", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await writeSampleFolder(temp.path("cells.zarr"), { version: "0.4", codec: "blosc", size: { z: 1 } });
    await page.getByTestId("folder-input").first().setInputFiles(temp.path("cells.zarr"));
    await page.getByRole("banner").getByText("cells.zarr").waitFor();
    await page.locator(".stage[data-complete=true]").waitFor();
    expect(complaints).toEqual([]);
  });

  test("opens an archive with the image in a folder, and says so", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url);
    const entries = [...(await sampleMap(SMALL))];
    const nested = Object.fromEntries(entries.map(([key, value]) => [`image.zarr${key}`, value]));
    await dropPath(visited.page, fileOf("nested.zip", zipSync(nested, { level: 0 })));
    await visited.page.locator(".stage[data-complete=true]").waitFor();
    await visited.page.getByRole("note").getByText("is in the folder image.zarr").waitFor();
  });

  test("loads little code before the first picture", async () => {
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    const archive = await sampleArchive({ codec: "gzip", size: { y: 512, x: 512, z: 1 } });
    await page.waitForLoadState("networkidle");
    const timed = await timeToPicture(page);
    await chooseFile(page, archive);
    await page.locator(".stage[data-complete=true]").waitFor();
    const seconds = ((await timed()) / 1000).toFixed(1);
    const size = (archive.length / 2 ** 20).toFixed(1);
    process.stdout.write(`from choosing a file of ${size} MiB to its picture: ${seconds} s\n`);
    const scripts = await page.evaluate(() =>
      performance.getEntriesByType("resource").flatMap(({ name }) => (name.endsWith(".js") ? [name] : [])),
    );
    let bytes = 0;
    // The second worker has its script from the cache.
    for (const url of new Set(scripts)) bytes += gzipSync(await (await fetch(url)).arrayBuffer()).length;
    process.stdout.write(`script until then: ${Math.round(bytes / 1000)} kB gzip\n`);
    expect(bytes).toBeLessThan(500_000);
  });

  testSample<[string, Uint8Array | (() => Promise<Uint8Array>), RegExp]>(
    [
      ["is not an archive", new TextEncoder().encode("hello"), /image\.ozx is not a zip archive/],
      [
        "is truncated",
        async () => (await smallArchive()).subarray(0, -5000),
        /image\.ozx .* it was truncated, so copy or download it again/,
      ],
      [
        "is encrypted",
        async () => encrypted(await smallArchive()),
        /is encrypted.*decrypt the archive first/,
      ],
      [
        "has an unknown codec",
        async () => archiveOf(withCodec(quadrantMap([64]), "zfpy")),
        /zfpy.*zarr-python can rewrite the array/,
      ],
    ],
    1,
  )("says what to do with a file that %s", async ([name, content, message]) => {
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await dropPath(page, fileOf("image.ozx", typeof content === "function" ? await content() : content));
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(message);
    await picture(page, `error: a file that ${name}`);
  });
});

/**
 * Measures in the page the milliseconds from the choice of a file to its picture: passing the bytes to the browser takes
 * longer than the page itself.
 */
async function timeToPicture(page: Page): Promise<() => Promise<number>> {
  const measuring = await page.evaluateHandle(() => {
    const times = { chosen: 0, shown: 0 };
    addEventListener("change", () => (times.chosen = performance.now()), { capture: true, once: true });
    new MutationObserver((_, observer) => {
      if (document.querySelector(".stage[data-complete=true]") === null) return;
      times.shown = performance.now();
      observer.disconnect();
    }).observe(document, { subtree: true, childList: true, attributes: true });
    return times;
  });
  return () => measuring.evaluate(({ chosen, shown }) => shown - chosen);
}

async function smallArchive(): Promise<Uint8Array> {
  return sampleArchive(SMALL);
}

/** Marks every entry as encrypted (APPNOTE 4.4.4). */
function encrypted(archive: Uint8Array): Uint8Array {
  const bytes = Buffer.from(archive);
  for (const [signature, flags] of [
    ["PK\x03\x04", 6],
    ["PK\x01\x02", 8],
  ] as const) {
    for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 4)) {
      bytes[at + flags] = (bytes[at + flags] ?? 0) | 1;
    }
  }
  return bytes;
}

function withCodec(map: Map<AbsolutePath, Uint8Array>, name: string): Map<AbsolutePath, Uint8Array> {
  const document = JSON.parse(new TextDecoder().decode(map.get("/0/zarr.json")));
  document.codecs = [{ name }];
  return map.set("/0/zarr.json", new TextEncoder().encode(JSON.stringify(document)));
}
