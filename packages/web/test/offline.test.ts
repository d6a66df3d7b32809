import { describeWithChromium, outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { chooseFile, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { servePage } from "./page/serve-page.js";

const TINY = { size: { c: 1, z: 1, y: 32, x: 32 }, levels: 1 } as const;

describeWithChromium("the page as a program of its own", (chromium) => {
  test("works offline after the first visit, in all sections", skipFor(outsideSample()), async () => {
    const served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await served[Symbol.asyncDispose]();
    await page.goto(`${served.url}?again`);
    await page.getByRole("heading", { name: "Drop an OME-Zarr image here" }).waitFor();
    await chooseFile(page, await sampleArchive(TINY), "offline.ozx");
    for (const section of ["Archive", "Metadata", "Convert", "Image"]) {
      await page.getByRole("tab", { name: section }).click();
      await page.locator("#content > :not(.waiting)").first().waitFor();
    }
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("has a valid manifest that claims .ozx files", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const session = await chromium().context.newCDPSession(visited.page);
    const { errors, data = "{}", url } = await session.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    expect(url).toBe(`${served.url}manifest.webmanifest`);
    const { file_handlers } = JSON.parse(data) as { file_handlers: { accept: object }[] };
    expect(file_handlers.map(({ accept }) => accept)).toEqual([{ "application/zip": [".ozx"] }]);
  });

  test("opens the file that it was launched with", skipFor(outsideSample()), async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await page.addInitScript(() => {
      const setConsumer = (consumer: unknown): void => {
        Object.assign(window, { launched: consumer });
      };
      Object.defineProperty(window, "launchQueue", { value: { setConsumer } });
    });
    await page.reload();
    await page.waitForFunction(() => "launched" in window);
    const base64 = Buffer.from(await sampleArchive(TINY)).toString("base64");
    await page.evaluate(async (content) => {
      const bytes = await (await fetch(`data:application/zip;base64,${content}`)).arrayBuffer();
      const { launched } = window as unknown as { launched(params: object): void };
      launched({ files: [{ getFile: async () => new File([bytes], "clicked.ozx") }] });
    }, base64);
    await page.getByRole("banner").getByText("clicked.ozx").waitFor();
  });
});
