import { expect, test } from "vitest";
import { describeWithChromium } from "../src/index.js";

describeWithChromium("Chromium", (chromium) => {
  test("shows a page that draws with WebGL 2 and inflates", async () => {
    const page = await chromium().newPage();
    await page.setContent("<title>A page</title><canvas></canvas>");
    expect(await page.title()).toBe("A page");
    const can = await page.evaluate(() => ({
      webgl: document.querySelector("canvas")?.getContext("webgl2") !== null,
      inflate: new DecompressionStream("deflate-raw") instanceof DecompressionStream,
      size: [innerWidth, innerHeight],
    }));
    expect(can).toEqual({ webgl: true, inflate: true, size: [1024, 768] });
    await page.close();
  });
});
