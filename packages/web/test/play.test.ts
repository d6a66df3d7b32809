import { describeWithChromium, encodeJson, groupDocument, smallImage, testSample } from "@ozx/testing";
import { expect } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, LOOKS, type Page, picture, visit } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

/** Five points in time, half a minute apart, each of one value: 40, 80, 120, 160, 200. */
function timeSeries() {
  const axes = [
    { name: "t", type: "time", unit: "second" },
    { name: "y", type: "space" },
    { name: "x", type: "space" },
  ];
  const coordinateTransformations = [
    { type: "scale", scale: [30, 1, 1] },
    { type: "translation", translation: [60, 0, 0] },
  ];
  const multiscales = [{ axes, datasets: [{ path: "0", coordinateTransformations }] }];
  const window = { start: 0, end: 255, min: 0, max: 255 };
  const ome = { version: "0.5", multiscales, omero: { channels: [{ color: "FFFFFF", window }] } };
  const valueAt = (index: number): number => 40 * (1 + Math.floor(index / 32 ** 2));
  const array = { shape: [5, 32, 32], chunks: [1, 32, 32], dataType: "uint8", valueAt } as const;
  return smallImage({}, { "/0": array }).set("/zarr.json", encodeJson(groupDocument({ ome })));
}

/** Notes the positions that the page shows from now on. */
async function watchPositions(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    const output = document.querySelector(".slice output");
    const note = (): void => {
      const text = output?.firstChild?.textContent ?? "";
      if (text !== seen.at(-1)) seen.push(text);
    };
    if (output !== null)
      new MutationObserver(note).observe(output, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
}

describeWithChromium("playing", (chromium) => {
  testSample(LOOKS, 0)("%s: shows each plane in turn until it is paused", async ([name, look]) => {
    await using visited = await visit(chromium(), served.url, look);
    const { page, complaints } = visited;
    await chooseFile(page, await archiveOf(timeSeries()), "series.ozx");
    const button = page.getByRole("button", { name: "Play along t" });
    const output = page.locator(".slice output");
    await page.locator(".stage[data-complete=true]").waitFor();
    expect(await output.textContent(), "nothing plays by itself").toBe("1 / 560 s");

    const positions = await watchPositions(page);
    await page.locator(".stage").press(" ");
    await page.getByLabel("per second").fill("30");
    await expect.poll(async () => (await positions()).length).toBeGreaterThan(5);
    expect((await positions()).slice(0, 6)).toEqual(["2", "3", "4", "5", "1", "2"]);
    await picture(page, `playing, ${name}`);
    expect(await accessibilityFaults(page)).toEqual([]);

    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await expect
      .poll(() => button.getAttribute("aria-pressed"), { message: "on a hidden page" })
      .toBe("false");
    const position = await page.getByLabel("Position along t").inputValue();
    const screen = await stagePixels(page);
    const shown = screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2))[0];
    expect(shown).toBe(40 * (1 + Number(position)));
    await expect.poll(() => page.url()).toContain(`at.t=${position}`);

    await page.getByLabel("Loop").uncheck();
    await button.click();
    await expect.poll(() => output.textContent()).toBe("5 / 5180 s");
    await expect
      .poll(() => button.getAttribute("aria-pressed"), { message: "after the last plane" })
      .toBe("false");
    expect(complaints).toEqual([]);
  });
});
