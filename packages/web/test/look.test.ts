import {
  describeWithChromium,
  imageMetadata,
  outsideSample,
  skipFor,
  smallImage,
  testSample,
} from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, type Page, picture, visit } from "./page/drive.js";
import { archiveOf, sampleArchive } from "./page/make-archive.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

describeWithChromium("the look", (chromium) => {
  let archive: Uint8Array = new Uint8Array();
  beforeAll(async () => {
    archive = await sampleArchive({ size: { z: 2 } });
  });

  const looks: readonly [name: string, look: { width: number; height: number; dark?: boolean }][] = [
    ["desktop, light", { width: 1280, height: 720 }],
    ["desktop, dark", { width: 1280, height: 720, dark: true }],
    ["phone, light", { width: 390, height: 844 }],
    ["phone, dark", { width: 390, height: 844, dark: true }],
  ];
  testSample(looks, 1)(
    "%s: nothing is wider than the page, and everything has a name",
    async ([name, look]) => {
      await using visited = await visit(chromium(), served.url, look);
      const { page, complaints } = visited;
      await picture(page, `welcome, ${name}`);
      await chooseFile(page, archive, "cells.ozx");
      await page.locator(".stage[data-complete=true]").waitFor();
      await page.getByRole("checkbox", { name: "cells", exact: true }).check();
      await page.getByRole("button", { name: "Zoom in" }).click();
      await page.locator(".stage[data-complete=true]").waitFor();
      await picture(page, `image, ${name}`);
      const { wide, nameless } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth - innerWidth,
        nameless: [...document.querySelectorAll("button, input:not([hidden]), select")]
          .filter(
            (one) =>
              !one.textContent &&
              !one.getAttribute("aria-label") &&
              !(one as HTMLInputElement).labels?.length,
          )
          .map((one) => one.outerHTML),
      }));
      if (look.width < 500) {
        expect(await page.locator(".overview").isVisible(), "an overview that covers the image").toBe(false);
        for (const section of ["Image", "Archive", "Metadata", "Convert"]) {
          await page.getByRole("tab", { name: section }).click();
          await page.locator(".panel h2, .section-page h2").first().waitFor();
          expect(await narrowTargets(page), `controls too small for a finger in ${section}`).toEqual([]);
        }
      }
      expect(wide).toBeLessThanOrEqual(0);
      expect(nameless).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  testSample(looks, 1)("%s: no rule of axe-core is broken in any section", async ([, look]) => {
    await using visited = await visit(chromium(), served.url, look);
    const { page } = visited;
    expect(await accessibilityFaults(page), "the start page").toEqual([]);
    await chooseFile(page, archive, "cells.ozx");
    await page.locator(".stage[data-complete=true]").waitFor();
    for (const section of ["Image", "Archive", "Metadata", "Convert"]) {
      await page.getByRole("tab", { name: section }).click();
      await page.locator(".panel h2, .section-page h2").first().waitFor();
      expect(await accessibilityFaults(page), section).toEqual([]);
    }
  });

  test(
    "a long name of a channel is readable, and its checkbox keeps its size",
    skipFor(outsideSample()),
    async () => {
      await using visited = await visit(chromium(), served.url, { width: 900, height: 500 });
      const { page } = visited;
      const label = "Anti-phospho-histone H3 (Ser10) Alexa Fluor 647, second passage, 40x objective";
      const omero = { channels: [{ label, color: "FFFFFF", window: { start: 0, end: 9, min: 0, max: 9 } }] };
      const map = smallImage({ "/": { ...imageMetadata("yx"), omero } }, { "/0": { shape: [16, 16] } });
      await chooseFile(page, await archiveOf(map));
      const box = await page.getByRole("checkbox", { name: label }).boundingBox();
      expect(box?.width).toBeGreaterThan(11);
      const hidden = await page.getByText(label).evaluate((span) => span.scrollWidth - span.clientWidth);
      expect(hidden).toBeLessThanOrEqual(0);
    },
  );
});

/** Controls smaller than 40 pixels; for a checkbox its label counts. */
function narrowTargets(page: Page): Promise<string[]> {
  return page.locator("button, select, summary, a[href], input:not([hidden])").evaluateAll((all) =>
    all
      .map(
        (one) =>
          ((one as HTMLInputElement).type === "checkbox" && (one as HTMLInputElement).labels?.[0]) || one,
      )
      .filter((one) => one.checkVisibility())
      .filter((one) => {
        const { width, height } = one.getBoundingClientRect();
        return Math.min(width, height) < 40;
      })
      .map((one) => one.outerHTML.slice(0, 120)),
  );
}
