import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { memorySource } from "@ozx/core/container";
import { openOzx } from "@ozx/store-zip";
import {
  describeWithChromium,
  outsideSample,
  sampleMap,
  skipFor,
  tempFolder,
  testSample,
  withoutTool,
  writeSampleFolder,
} from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { chooseFile, picture, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { chooseListedFolder, choosePrivateFiles, privateFiles } from "./page/own-files.js";
import { servePage } from "./page/serve-page.js";
import { convertWithCommand, readWithPython, validateWithCommand } from "./page/tools.js";

const temp = tempFolder();
const SMALL = { size: { c: 2, z: 1, y: 128, x: 128 }, levels: 2, chunk: 32 } as const;

beforeAll(async () => {
  await writeSampleFolder(temp.path("old.zarr"), { ...SMALL, version: "0.4", codec: "blosc" });
  // So large that the save is still running when it is cancelled; a sparse file takes no space on the disk.
  await writeSampleFolder(temp.path("large.zarr"), SMALL);
  mkdirSync(temp.path("large.zarr/extra"));
  writeFileSync(temp.path("large.zarr/extra/zeros.bin"), "");
  truncateSync(temp.path("large.zarr/extra/zeros.bin"), 1.5e9);
});

describeWithChromium("the section Convert", (chromium) => {
  test(
    "saves a folder of OME-Zarr 0.4 as an .ozx that other tools read",
    skipFor(withoutTool("python3")),
    async () => {
      await using served = await servePage();
      await using visited = await visit(chromium(), served.url);
      const { page, complaints } = visited;
      await choosePrivateFiles(page);
      await chooseListedFolder(page, temp.path("old.zarr"));
      await page.getByRole("tab", { name: "Convert" }).click();
      await page.getByText("OME-Zarr 0.4 becomes 0.5").waitFor();
      await page.getByRole("button", { name: "Save as .ozx" }).click();
      await page.getByText("Saved old.ozx").waitFor();
      await picture(page, "convert-saved");
      const saved = (await privateFiles(page)).get("/old.ozx") ?? Buffer.alloc(0);
      writeFileSync(temp.path("saved.ozx"), saved);
      const entries = await readWithPython(temp.path("saved.ozx"));
      expect(entries[0]?.name).toBe("zarr.json");
      expect(entries.map(({ name }) => name)).toContain("0/c/1/0/3/3");
      const { specifications } = await validateWithCommand(temp.path("saved.ozx"));
      expect(specifications.map(({ id, verdict }) => [id, verdict])).toEqual([
        ...[
          ["zip", "conforms"],
          ["rfc9", "conforms"],
          ["zarr", "conforms"],
          ["ome", "conforms"],
        ],
      ]);
      expect(complaints).toEqual([]);

      await convertWithCommand(temp.path("old.zarr"), temp.path("command.ozx"));
      expect(Buffer.compare(saved, readFileSync(temp.path("command.ozx")))).toBe(0);

      await chooseFile(page, saved, "saved.ozx");
      await page.getByRole("banner").getByText("saved.ozx").waitFor();
    },
  );

  test(
    "combines chunks into shards, and downloads where pages cannot write files",
    skipFor(outsideSample() ?? withoutTool("python3")),
    async () => {
      await using served = await servePage();
      await using visited = await visit(chromium(), served.url);
      const { page } = visited;
      await page.addInitScript(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
      await page.reload();
      await chooseListedFolder(page, temp.path("old.zarr"));
      await page.getByRole("tab", { name: "Convert" }).click();
      await page.getByLabel(/Combine chunks into shards/).check();
      const downloading = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save as .ozx" }).click();
      const downloaded = await downloading;
      expect(downloaded.suggestedFilename()).toBe("old.ozx");
      await downloaded.saveAs(temp.path("sharded.ozx"));
      const names = (await readWithPython(temp.path("sharded.ozx"))).map(({ name }) => name);
      expect(names).toContain("0/c/0/0/0/0");
      expect(names).not.toContain("0/c/0/0/3/3");
      expect((await validateWithCommand(temp.path("sharded.ozx"))).valid).toBe(true);
    },
  );

  testSample(["gzip", "zstd"], 0)("adds lower-resolution levels and compresses with %s", async (codec) => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await choosePrivateFiles(page);
    const flat = await sampleArchive({ size: { c: 1, z: 1, y: 300, x: 300 }, levels: 1, codec: "none" });
    await chooseFile(page, flat, "flat.ozx");
    await page.getByRole("tab", { name: "Convert" }).click();
    await page.getByLabel(/Add lower-resolution levels/).check();
    await page.getByLabel("Compress with").selectOption(codec);
    await picture(page, "convert-choices");
    await page.getByRole("button", { name: "Save as .ozx" }).click();
    await page.getByText("Saved flat-new.ozx").waitFor();
    const saved = (await privateFiles(page)).get("/flat-new.ozx") ?? Buffer.alloc(0);
    writeFileSync(temp.path("flat-new.ozx"), saved);
    const store = await openOzx(memorySource(saved));
    expect(await store.get("/1/c/0/0/0/0")).toBeDefined();
    expect(saved.length).toBeLessThan(flat.length);
    expect((await validateWithCommand(temp.path("flat-new.ozx"))).valid).toBe(true);
  });

  test(
    "extracts an .ozx to a new folder, and refuses an existing one",
    skipFor(outsideSample()),
    async () => {
      await using served = await servePage();
      await using visited = await visit(chromium(), served.url);
      const { page } = visited;
      await choosePrivateFiles(page);
      await chooseFile(page, await sampleArchive(SMALL), "cells.ozx");
      await page.getByRole("tab", { name: "Convert" }).click();
      await page.getByRole("button", { name: "Extract …" }).click();
      await page.getByText("Extracted to cells.zarr").waitFor();
      const files = await privateFiles(page);
      const expected = await sampleMap(SMALL);
      const extracted = new Map([...files].filter(([name]) => name.startsWith("/chosen/cells.zarr/")));
      expect([...extracted.keys()].sort()).toEqual(
        [...expected.keys()].map((key) => `/chosen/cells.zarr${key}`).sort(),
      );
      for (const [key, bytes] of expected) {
        expect(Buffer.compare(extracted.get(`/chosen/cells.zarr${key}`) ?? Buffer.alloc(0), bytes)).toBe(0);
      }
      await page.getByRole("button", { name: "Extract …" }).click();
      await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/cells\.zarr exists already/);
      await picture(page, "convert-refused");
    },
  );

  test("cancels, and leaves no file behind", skipFor(outsideSample()), async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await choosePrivateFiles(page);
    await chooseListedFolder(page, temp.path("large.zarr"));
    await page.getByRole("tab", { name: "Convert" }).click();
    await page.getByRole("button", { name: "Save as .ozx" }).click();
    await expect.poll(() => page.locator(".task-progress .numbers").textContent()).toMatch(/of 1\.5 GB/);
    await picture(page, "convert-running");
    // Another section can be shown meanwhile.
    await page.getByRole("tab", { name: "Metadata" }).click();
    await page.getByRole("heading", { name: /nodes$/ }).waitFor();
    await page.getByRole("tab", { name: "Convert" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled; nothing was saved").waitFor();
    await expect.poll(async () => [...(await privateFiles(page)).keys()]).not.toContain("/large.ozx");
  });
});
