import { describeWithChromium } from "@ozx/testing";
import { expect, test } from "vitest";
import { chooseFile, picture, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { servePage } from "./page/serve-page.js";

describeWithChromium("the image", (chromium) => {
  test("is shown", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive());
    await page.locator(".stage[data-complete=true]").waitFor();
    await page.waitForTimeout(1500);
    await picture(page, "image");
    expect(complaints).toEqual([]);
  });
});
