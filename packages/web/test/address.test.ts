import {
  describeWithChromium,
  outsideSample,
  type RangeServer,
  sampleMap,
  skipFor,
  startRangeServer,
} from "@ozx/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseFile, visit, type WatchedPage } from "./page/drive.js";
import { archiveOf, sampleArchive } from "./page/make-archive.js";
import { plateMap } from "./page/make-plate.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();
const SIZE = { c: 2, z: 3, y: 64, x: 64 };

describeWithChromium("the address", (chromium) => {
  let visited: WatchedPage;
  let server: RangeServer;
  beforeAll(async () => {
    const archive = await archiveOf(await sampleMap({ size: SIZE, levels: 1 }));
    server = await startRangeServer(archive, { headers: { "Access-Control-Allow-Origin": "*" } });
    visited = await visit(chromium(), served.url, { width: 800, height: 500 });
  });
  afterAll(async () => {
    await visited[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test(
    "of another view of the open image is followed when it is pasted",
    skipFor(outsideSample()),
    async () => {
      const { page } = visited;
      await page.goto(`${served.url}?source=${encodeURIComponent(server.url)}`);
      await page.locator(".stage[data-complete=true]").waitFor();
      const name = (await page.getByRole("banner").locator("strong").textContent()) ?? "";
      const pasted = (hash: string) =>
        page.evaluate((next) => location.assign(`#${next}`), `of=${encodeURIComponent(name)}&${hash}`);
      await pasted("image=/&at.z=2&ch=1:FF0000:0:3000:1");
      await expect.poll(() => page.getByLabel("Position along z").inputValue()).toBe("2");
      expect(await page.getByRole("checkbox", { name: "Nuclei" }).isChecked()).toBe(false);
      await pasted("tab=metadata");
      await page.getByRole("tab", { name: "Metadata", selected: true }).waitFor();
      await page.goBack();
      await page.getByRole("tab", { name: "Image", selected: true }).waitFor();
      await expect.poll(() => page.getByLabel("Position along z").inputValue()).toBe("2");
    },
  );

  test("has the section; another file opens with its image", skipFor(outsideSample()), async () => {
    const { page } = visited;
    await page.goto(served.url);
    await chooseFile(page, await sampleArchive({ size: SIZE, levels: 1 }), "first.ozx");
    await page.getByRole("tab", { name: "Archive" }).click();
    await expect.poll(() => page.url()).toContain("tab=archive");
    await chooseFile(page, await sampleArchive({ size: SIZE, levels: 1 }), "second.ozx");
    await page.getByRole("tab", { name: "Image", selected: true }).waitFor();
    await page.locator(".stage[data-complete=true]").waitFor();
  });

  test("goes back from a well to the plate, and wells keep the settings", async () => {
    const { page } = visited;
    await page.goto(served.url);
    await chooseFile(page, await archiveOf(await plateMap()), "plate.ozx");
    await page.getByRole("button", { name: "Well A1, 2 fields" }).click();
    await page.getByRole("checkbox", { name: "Spots" }).uncheck();
    await page.getByRole("button", { name: "Field 2" }).click();
    await expect.poll(() => page.getByRole("checkbox", { name: "Spots" }).isChecked()).toBe(false);
    await page.goBack();
    await page.goBack();
    await page.getByRole("heading", { name: "a small plate" }).waitFor();
    await page.getByRole("button", { name: "Well B3, 2 fields" }).click();
    await expect.poll(() => page.getByRole("checkbox", { name: "Spots" }).isChecked()).toBe(false);
  });
});
