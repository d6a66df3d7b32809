import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describeWithChromium, sampleMap, writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
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

  test("a folder of OME-Zarr 0.4 that is chosen", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    const parent = await mkdtemp(join(tmpdir(), "ozx-page-"));
    await writeSampleFolder(join(parent, "cells.zarr"), { version: "0.4", codec: "blosc", size: { z: 1 } });
    await page.getByTestId("folder-input").first().setInputFiles(join(parent, "cells.zarr"));
    await page.getByRole("banner").getByText("cells.zarr").waitFor();
    await page.locator(".stage[data-complete=true]").waitFor();
    await rm(parent, { recursive: true });
    expect(complaints).toEqual([]);
  });

  test("an archive whose root is a folder in it is opened all the same", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const entries = [...(await sampleMap({ size: { y: 64, x: 64 }, levels: 1 }))];
    const nested = Object.fromEntries(entries.map(([key, value]) => [`image.zarr${key}`, value]));
    await dropFile(visited.page, zipSync(nested, { level: 0 }), "nested.zip");
    await visited.page.locator(".stage[data-complete=true]").waitFor();
    await visited.page.getByRole("note").getByText("lies in the folder image.zarr").waitFor();
  });

  test("loads little before there is a picture, and shows it soon", async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    const archive = await sampleArchive({ codec: "gzip", size: { y: 1024, x: 1024, z: 2 } });
    await page.waitForLoadState("networkidle");
    const started = performance.now();
    await chooseFile(page, archive);
    await page.locator(".stage[data-complete=true]").waitFor();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const size = (archive.length / 2 ** 20).toFixed(1);
    process.stdout.write(`from choosing a file of ${size} MiB to its picture: ${seconds} s\n`);
    const scripts = await page.evaluate(() =>
      performance.getEntriesByType("resource").flatMap(({ name }) => (name.endsWith(".js") ? [name] : [])),
    );
    let bytes = 0;
    for (const url of scripts) bytes += gzipSync(await (await fetch(url)).arrayBuffer()).length;
    process.stdout.write(`script until then: ${Math.round(bytes / 1000)} kB gzip\n`);
    expect(bytes).toBeLessThan(500_000);
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
