import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeWithChromium, tempFolder, writeSampleFolder } from "@ozx/testing";
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

  test.each(["cells.zarr", "old.zarr"])("shows the folder %s", async (name) => {
    await withView(temp.path(name), async (url) => {
      await using visited = await visit(chromium(), url);
      const { page } = visited;
      await page.getByRole("banner").getByText(name).waitFor();
      await page.getByRole("tab", { name: "Metadata" }).click();
      await page.getByRole("button", { name: "labels", exact: true }).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
    });
  });
});
