import { writeFileSync } from "node:fs";
import {
  describeWithChromium,
  imageMetadata,
  outsideSample,
  skipFor,
  smallImage,
  startRangeServer,
  tempFolder,
} from "@ozx/testing";
import { afterEach, beforeAll, expect, test } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { dropPath, LOOKS, type Page, picture, visit } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { decodePng } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();
const temp = tempFolder();

const WINDOW = { start: 0, end: 255, min: 0, max: 255 };
const DEPTH = 6;

/** A stack that is 64 pixels of half a micrometer wide, or as much in larger ones: 2 for each of these, 10 for each plane. */
function stack(pixel: 1 | 2, added: number): Promise<Uint8Array> {
  const size = 64 / pixel;
  const metadata = imageMetadata("zyx") as { multiscales: [{ axes: object[] }] };
  const scale = [0.5, 0.5 * pixel, 0.5 * pixel];
  const datasets = [{ path: "0", coordinateTransformations: [{ type: "scale", scale }] }];
  const omero = { channels: [{ color: "FFFFFF", active: true, window: WINDOW }] };
  const valueAt = (index: number): number =>
    2 * pixel * (index % size) + 10 * Math.floor(index / size ** 2) + added;
  return archiveOf(
    smallImage(
      { "/": { ...metadata, multiscales: [{ ...metadata.multiscales[0], datasets }], omero } },
      { "/0": { shape: [DEPTH, size, size], dataType: "uint8", valueAt } },
    ),
  );
}

beforeAll(async () => {
  writeFileSync(temp.path("fine.ozx"), await stack(1, 0));
  writeFileSync(temp.path("coarse.ozx"), await stack(2, 50));
});

/** Opens one file, and another one by a drop at the right of the page. */
async function openTwo(page: Page): Promise<void> {
  await dropPath(page, temp.path("fine.ozx"));
  await page.locator(".stage[data-complete=true]").waitFor();
  await page.getByRole("button", { name: "Open another beside it" }).click();
  const dialog = page.getByRole("dialog", { name: "Open beside it" });
  await dialog.getByTestId("file-input").setInputFiles(temp.path("coarse.ozx"));
  await complete(page);
}

async function complete(page: Page): Promise<void> {
  await expect.poll(() => page.locator(".stage[data-complete=true]").count(), { timeout: 15_000 }).toBe(2);
}

/** The red in the middle of each picture. */
async function middles(page: Page): Promise<number[]> {
  const stages = await page.locator(".stage").all();
  return Promise.all(
    stages.map(async (stage) => {
      const { width, height, at } = await decodePng(page, await stage.screenshot());
      return at(Math.floor(width / 2) + 1, Math.floor(height / 2) + 1)[0];
    }),
  );
}

describeWithChromium("two images side by side", (chromium) => {
  let complaints: string[] = [];
  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  test("pan, zoom and step together at the same scale, until they are uncoupled", async () => {
    await using visited = await visit(chromium(), served.url, { width: 900, height: 420 });
    const { page } = visited;
    complaints = visited.complaints;
    await openTwo(page);
    // The middle plane, and the pixel right of the middle: number 32 of 64, number 16 of 32.
    await expect.poll(() => middles(page)).toEqual([64 + 30, 64 + 30 + 50]);
    const bars = page.locator(".scale-bar");
    const same = async (): Promise<boolean> => {
      const [first, second] = await bars.allTextContents();
      return first === second;
    };
    const [first, second] = [page.locator(".stage").first(), page.locator(".stage").last()];
    await expect.poll(same).toBe(true);

    for (const key of ["+", "+", "ArrowRight", "PageUp"]) await first.press(key);
    await complete(page);
    await expect.poll(async () => (await middles(page))[1]).toBeGreaterThan(64 + 40 + 50);
    expect(await same()).toBe(true);
    const [left = 0, right = 0] = await middles(page);
    expect(Math.abs(right - 50 - left)).toBeLessThanOrEqual(2);

    // The second one leads when it is used, and has the panel.
    await second.press("PageDown");
    await second.press("PageDown");
    await expect.poll(async () => (await middles(page))[0]).toBe(left - 20);
    expect(await page.getByLabel("Position along z").count()).toBe(1);

    await page.getByRole("checkbox", { name: "Together" }).press("Space");
    await second.press("0");
    await second.press("PageUp");
    await expect.poll(async () => (await middles(page))[1]).toBe(64 + 30 + 50);
    expect((await middles(page))[0]).toBe(left - 20);
    await page.locator(".stage").first().press("Enter");
    await second.press("Enter");
    await expect.poll(() => page.locator(".readout").count()).toBe(2);
    expect(await page.locator(".readout").last().textContent()).toContain(`Intensity ${64 + 30 + 50}`);
  });

  test(
    "are kept in a link with their coupling, and give back their contexts when closed",
    skipFor(outsideSample()),
    async () => {
      const headers = { "Access-Control-Allow-Origin": "*" };
      await using fine = await startRangeServer(await stack(1, 0), { headers });
      await using coarse = await startRangeServer(await stack(2, 50), { headers });
      await using visited = await visit(chromium(), served.url, {
        width: 900,
        height: 420,
        graphicsCard: true,
      });
      const { page } = visited;
      complaints = visited.complaints;
      await page.addInitScript(() => {
        const made: WebGL2RenderingContext[] = [];
        const original = HTMLCanvasElement.prototype.getContext as (...options: unknown[]) => unknown;
        Object.assign(window, { alive: () => made.filter((context) => !context.isContextLost()).length });
        HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...options: unknown[]) {
          const context = original.apply(this, options);
          if (context instanceof WebGL2RenderingContext && this.isConnected && !made.includes(context))
            made.push(context);
          return context;
        } as never;
      });
      const alive = (): Promise<number> =>
        page.evaluate(() => (window as unknown as { alive(): number }).alive());
      await page.goto(`${served.url}?source=${encodeURIComponent(fine.url)}`);
      await page.locator(".stage[data-complete=true]").waitFor();
      await page.getByRole("button", { name: "Open another beside it" }).click();
      await page.getByLabel("Or from a server").fill(coarse.url);
      await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click();
      await complete(page);
      await page.getByRole("checkbox", { name: "Together" }).uncheck();
      await page.locator(".stage").last().press("PageUp");
      await expect.poll(() => middles(page)).toEqual([64 + 30, 64 + 40 + 50]);
      await expect
        .poll(() => decodeURIComponent(decodeURIComponent(page.url())))
        .toMatch(/beside=.*at\.z=4.*apart=1/);

      await page.reload();
      await complete(page);
      await expect.poll(() => middles(page)).toEqual([64 + 30, 64 + 40 + 50]);
      expect(await page.getByRole("checkbox", { name: "Together" }).isChecked()).toBe(false);
      const before = await alive();
      await page.getByRole("button", { name: /^Close .* beside it/ }).click();
      await expect.poll(() => page.locator(".stage").count()).toBe(1);
      await expect.poll(alive).toBe(before - 1);
      await expect.poll(() => page.url()).not.toContain("beside=");
    },
  );

  test(
    "are both opened by one drop, or from the same source, and stay while another section is shown",
    skipFor(outsideSample()),
    async () => {
      await using visited = await visit(chromium(), served.url, { width: 900, height: 420 });
      const { page } = visited;
      complaints = visited.complaints;
      await dropPath(page, temp.path("fine.ozx"), temp.path("coarse.ozx"));
      await page.getByRole("button", { name: "Both, side by side" }).click();
      await complete(page);
      await page.locator(".stage").last().press("PageUp");
      await expect.poll(() => middles(page)).toEqual([64 + 40, 64 + 40 + 50]);
      await page.waitForTimeout(400);
      await page.getByRole("tab", { name: "Archive" }).click();
      await page.getByRole("tab", { name: "Image" }).click();
      await complete(page);
      await expect.poll(() => middles(page)).toEqual([64 + 40, 64 + 40 + 50]);
      await page.getByRole("button", { name: /^Close .* beside it/ }).click();
      await page.getByRole("button", { name: "Open another beside it" }).click();
      await page.getByRole("button", { name: "Open it again" }).click();
      await complete(page);
      await expect.poll(() => middles(page)).toEqual([64 + 40, 64 + 40]);
    },
  );

  test(
    "have names and enough room, one above the other on a phone; a file is dropped beside",
    skipFor(outsideSample()),
    async () => {
      for (const [, look] of LOOKS) {
        await using visited = await visit(chromium(), served.url, look);
        const { page } = visited;
        complaints = visited.complaints;
        await page.emulateMedia({ colorScheme: look.dark ? "dark" : "light", reducedMotion: "reduce" });
        await dropPath(page, temp.path("fine.ozx"));
        await page.locator(".stage[data-complete=true]").waitFor();
        await page.getByRole("button", { name: "Open another beside it" }).click();
        await page.getByRole("dialog", { name: "Open beside it" }).waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        await picture(page, `beside, ${look.width}, dialog`);
        await page.keyboard.press("Escape");
        const session = await page.context().newCDPSession(page);
        const data = { items: [], files: [temp.path("coarse.ozx")], dragOperationsMask: 1 };
        for (const type of ["dragEnter", "dragOver", "drop"] as const) {
          await session.send("Input.dispatchDragEvent", { type, x: look.width * 0.9, y: 300, data });
          if (type === "dragOver") await picture(page, `beside, ${look.width}, drop`);
        }
        await complete(page);
        await page.locator(".stage").last().press("Enter");
        await page.locator(".readout").waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        await picture(page, `beside, ${look.width}`);
        const [first, second] = await Promise.all(
          (await page.locator(".stage").all()).map((stage) => stage.boundingBox()),
        );
        const isStacked = (second?.y ?? 0) >= (first?.y ?? 0) + (first?.height ?? 0);
        expect(isStacked).toBe(look.width < 700);
        expect(Math.min(first?.height ?? 0, second?.height ?? 0)).toBeGreaterThan(150);
      }
    },
  );
});
