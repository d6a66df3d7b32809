import { describeWithChromium, outsideSample, skipFor } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { chooseFile, type Page, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { servePage } from "./page/serve-page.js";

const LOOK = { width: 700, height: 400 };

describeWithChromium("chunks", (chromium) => {
  let archive: Uint8Array = new Uint8Array();
  beforeAll(async () => {
    archive = await sampleArchive({ codec: "zstd", size: { z: 2, y: 300, x: 300 }, levels: 2 });
  });

  /** The engine of the codecs, where the page itself has loaded it and not only its workers. */
  const codecsOf = (page: Page): Promise<string[]> =>
    page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .flatMap(({ name }) => /(?:simd|plain)\.generated-[^/]*js/.exec(name) ?? []),
    );

  test("are decoded in a few workers, which are reused for the next file", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url, LOOK);
    const { page, complaints } = visited;
    for (const name of ["first.ozx", "second.ozx"]) {
      await chooseFile(page, archive, name);
      await page.getByRole("banner").getByText(name).waitFor();
      await page.locator(".stage[data-complete=true]").waitFor();
    }
    expect(page.workers().length).toBeGreaterThanOrEqual(2);
    expect(page.workers().length).toBeLessThanOrEqual(4);
    expect(await codecsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("are decoded in the page where its workers cannot be loaded", skipFor(outsideSample()), async () => {
    await using served = await servePage(/worker-.*\.js$/);
    await using visited = await visit(chromium(), served.url, LOOK);
    const { page } = visited;
    await chooseFile(page, archive);
    await page.locator(".stage[data-complete=true]").waitFor();
    expect(await codecsOf(page)).toHaveLength(1);
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.getByLabel("Position along z").fill("0");
    await page.locator(".stage[data-complete=true]").waitFor();
  });
});
