import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  describeWithChromium,
  outsideSample,
  skipFor,
  startRangeServer,
  tempFolder,
  testSample,
  writeSampleFolder,
} from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";

const temp = tempFolder();
const BIN = fileURLToPath(new URL("../../cli/bin/ozx.js", import.meta.url));

beforeAll(async () => {
  const size = { c: 2, z: 1, y: 64, x: 64 };
  await writeSampleFolder(temp.path("cells.zarr"), { size, levels: 1 });
  await writeSampleFolder(temp.path("old.zarr"), { size, levels: 1, version: "0.4" });
  writeFileSync(
    temp.path("cells.ozx"),
    await sampleArchive({ size: { c: 2, z: 1, y: 64, x: 64 }, levels: 1 }),
  );
  await writeSampleFolder(temp.path("hostile.zarr"), { size, levels: 1 });
  writeFileSync(
    temp.path("hostile.zarr/evil.html"),
    "<script>document.documentElement.dataset.ran = 'yes'</script>",
  );
  writeFileSync(temp.path("hostile.zarr/evil.js"), "document.documentElement.dataset.ran = 'yes';");
});

/** Runs `ozx view` on a path while `work` uses the page that it serves. */
async function withView(path: string, work: (url: string) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [BIN, "view", "--no-open", path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    await work(
      await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data).trim()))),
    );
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

describeWithChromium("ozx view", (chromium) => {
  test("shows a file in the page that the command serves", async () => {
    await withView(temp.path("cells.ozx"), async (url) => {
      await using visited = await visit(chromium(), url);
      const { page } = visited;
      await page.getByRole("banner").getByText("cells.ozx").waitFor();
      await page.getByRole("tab", { name: "Archive" }).click();
      await page.getByText(/^Valid/).waitFor();
      expect(await page.getByRole("term").filter({ hasText: "Comment" }).count()).toBeGreaterThan(0);
    });
  });

  testSample(["old.zarr", "cells.zarr"], 1)("shows the folder %s", async (name) => {
    await withView(temp.path(name), async (url) => {
      await using visited = await visit(chromium(), url);
      const { page } = visited;
      await page.getByRole("banner").getByText(name).waitFor();
      await page.getByRole("tab", { name: "Metadata" }).click();
      await page.getByRole("button", { name: "labels", exact: true }).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
    });
  });

  test("decodes, saves, and reads other servers within the policy of the page", async () => {
    const content = await sampleArchive({ codec: "blosc", size: { c: 1, z: 1, y: 300, x: 300 }, levels: 2 });
    await using server = await startRangeServer(content, { headers: { "Access-Control-Allow-Origin": "*" } });
    await withView(temp.path("cells.ozx"), async (url) => {
      // What the page does against its policy is an error when it is closed.
      await using visited = await visit(chromium(), url);
      const { page, complaints } = visited;
      await page.locator(".stage[data-complete=true]").waitFor();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save as PNG" }).click(),
      ]);
      expect(download.suggestedFilename()).toBe("cells.png");
      await page.goto(`${url.replace(/\?.*/, "")}?source=${encodeURIComponent(server.url)}`);
      await page.locator(".stage[data-complete=true]").waitFor();
      expect(server.requests.length).toBeGreaterThan(1);
      // The page looks for its service worker, which the command does not serve.
      expect(complaints.filter((line) => !line.includes("404"))).toEqual([]);
    });
  });

  test("runs no scripts but its own", async () => {
    await withView(temp.path("hostile.zarr"), async (url) => {
      await using page = await chromium().newPage();
      await page.goto(url);
      const source = new URL(url).searchParams.get("source") ?? "";
      const ran = await page.evaluate(async (script) => {
        const inline = document.createElement("script");
        inline.textContent = "document.documentElement.dataset.ran = 'yes'";
        document.body.append(inline);
        const loaded = document.createElement("script");
        const ended = new Promise((resolve) => {
          loaded.onload = loaded.onerror = resolve;
        });
        loaded.src = script;
        document.body.append(loaded);
        await ended;
        try {
          new Function("document.documentElement.dataset.ran = 'yes'")();
        } catch {
          // As it must be.
        }
        return document.documentElement.dataset["ran"] ?? "nothing";
      }, `${source}/evil.js`);
      expect(ran).toBe("nothing");
    });
  });

  test(
    "offers a page among the files of an image as a download, and never shows it",
    skipFor(outsideSample()),
    async () => {
      await withView(temp.path("hostile.zarr"), async (url) => {
        await using page = await chromium().newPage();
        await page.goto(url);
        const evil = `${new URL(url).searchParams.get("source")}/evil.html`;
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.goto(evil).catch(() => {}),
        ]);
        expect(download.suggestedFilename()).toBe("evil.html");
        expect(await page.title()).not.toBe("ran");
      });
    },
  );
});
