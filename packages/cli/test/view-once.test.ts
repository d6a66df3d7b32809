import { describeWithChromium, outsideSample, skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { runView } from "./support/run-view.js";

const temp = tempFolder();

beforeAll(() =>
  writeSampleFolder(temp.path("cells.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 }),
);

describeWithChromium("ozx view --once", (chromium) => {
  test("ends when the page was closed, and not when it is reloaded", skipFor(outsideSample()), async () => {
    const args = ["cells.zarr", "--no-open", "--once"];
    let reloaded: number | undefined;
    const { code, stderr } = await runView(
      args,
      async (url) => {
        const page = await chromium().newPage();
        await page.goto(url.href);
        await page.getByText("cells").first().waitFor();
        await page.reload();
        await page.getByText("cells").first().waitFor();
        reloaded = (await fetch(url)).status;
        await page.close();
      },
      { cwd: temp.path(), untilItEnds: true },
    );
    expect({ code, reloaded }).toEqual({ code: 0, reloaded: 200 });
    expect(stderr).toContain("It ends when the page is closed");
  });
});
