import { describeWithChromium } from "@ozx/testing";
import { expect, test, vi } from "vitest";
import { chooseFile, dropFile, picture, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { servePage } from "./page/serve-page.js";

vi.setConfig({ testTimeout: 120_000 });

describeWithChromium("opening", (chromium) => {
  test("the page says what it does, and that nothing is uploaded", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await page.getByRole("heading", { name: "Drop an OME-Zarr image here" }).waitFor();
    await page.getByText("Your file stays on this computer").waitFor();
    await picture(page, "welcome");
    expect(complaints).toEqual([]);
  });

  test("a file that is chosen, and another one that is dropped in its place", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive({ size: { y: 64, x: 64 }, levels: 1 }), "first.ozx");
    await page.getByRole("banner").getByText("first.ozx").waitFor();
    await dropFile(page, await sampleArchive({ size: { y: 32, x: 32 }, levels: 1 }), "second.ozx");
    await page.getByRole("banner").getByText("second.ozx").waitFor();
    expect(await page.getByText("first.ozx").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("a file that is no archive is met with a sentence", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await dropFile(page, new TextEncoder().encode("hello"), "notes.txt");
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/notes\.txt is not a/);
    await picture(page, "failure");
  });
});
