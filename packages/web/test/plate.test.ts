import { describeWithChromium, outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { chooseFile, picture, visit } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { plateMap } from "./page/make-plate.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

describeWithChromium("a plate", (chromium) => {
  test(
    "shows its wells; a well shows its fields, the chosen one large",
    skipFor(outsideSample()),
    async () => {
      await using visited = await visit(chromium(), served.url);
      const { page, complaints } = visited;
      await chooseFile(page, await archiveOf(await plateMap()), "plate.ozx");
      await page.getByRole("heading", { name: "a small plate" }).waitFor();
      expect(await page.getByText("5 of 6 wells").count()).toBe(1);
      await expect.poll(() => page.locator(".thumbnail[data-state=drawn]").count()).toBe(5);
      await picture(page, "plate");
      await page.getByRole("button", { name: "Well B3, 2 fields" }).click();
      await page.getByRole("button", { name: "Field 2" }).click();
      const screen = await stagePixels(page);
      const [red, green, blue] = screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2));
      expect(Math.max(red, green, blue), "light in the middle of the picture").toBeGreaterThan(20);
      await expect.poll(() => page.url()).toContain("image=/B/3/1");
      await picture(page, "well");
      await page.getByRole("button", { name: "All wells" }).click();
      await page.getByRole("button", { name: "Well A1, 2 fields" }).waitFor();
      expect(complaints).toEqual([]);
    },
  );
});
