import {
  describeWithChromium,
  imageMetadata,
  outsideSample,
  sampleMap,
  skipFor,
  smallImage,
} from "@ozx/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { chooseFile, chooseInstead, picture, visit, type WatchedPage } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { savedPng, stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

// Every frame is rendered in software, while other tests run.
const NAME = "image.ozx";

/** Just large enough for the comparisons, because every pixel is rendered in software. */
const LOOK = { width: 800, height: 500 };

const served = pageServer();

describeWithChromium("the picture", (chromium) => {
  let visited: WatchedPage;
  beforeAll(async () => {
    visited = await visit(chromium(), served.url, LOOK);
  });
  afterAll(() => visited[Symbol.asyncDispose]());
  afterEach(() => {
    expect(visited.complaints.splice(0)).toEqual([]);
  });

  test("of three channels of bytes without omero metadata is red, green and blue as they are", async () => {
    const { page } = visited;
    const parts = [200, 120, 40];
    const valueAt = (index: number): number => parts[Math.floor(index / 64 ** 2)] ?? 0;
    const array = { shape: [3, 64, 64], dataType: "uint8", valueAt } as const;
    await chooseInstead(
      page,
      await archiveOf(smallImage({ "/": imageMetadata() }, { "/0": array })),
      NAME,
      "",
    );
    await page.getByRole("checkbox", { name: "Red" }).waitFor();
    const screen = await stagePixels(page);
    expect(screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2))).toEqual(parts);
  });

  test("tells the values under the pointer, which a click pins, and those in its middle by a key", async () => {
    const { page } = visited;
    const valueAt = (index: number): number => index % 64;
    const map = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [64, 64], valueAt } });
    await chooseInstead(page, await archiveOf(map), NAME, `of=${NAME}&image=/&view=32.5,20.5,3`);
    await page.locator(".stage[data-complete=true]").waitFor();
    const { x, y, width, height } = (await page.locator(".stage").boundingBox()) ?? {
      x: 0,
      y: 0,
      width: 0,
      height: 0,
    };
    const readout = page.locator(".readout");
    const [right, down] = [x + width / 2, y + height / 2];
    await page.mouse.move(right + 8 * 10, down + 8 * 3);
    await expect.poll(() => readout.textContent()).toBe("x 42, y 23 (21, 11.5 µm)Intensity 42");
    await page.mouse.click(right + 8 * 10, down + 8 * 3);
    await page.mouse.move(right, down);
    await page.locator(".readout[data-pinned=true]").waitFor();
    expect(await readout.textContent()).toContain("x 42, y 23");
    await picture(page, "readout");
    await page.locator(".stage").press("Enter");
    await expect.poll(() => readout.count()).toBe(0);
    await page.locator(".stage").press("Enter");
    await expect.poll(() => readout.textContent()).toContain("x 32, y 20 (16, 10 µm)Intensity 32");
  });

  test("tells the values under a finger that taps, until the next tap, and none while it drags", async () => {
    const { page } = visited;
    const valueAt = (index: number): number => index % 64;
    const map = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [64, 64], valueAt } });
    await chooseInstead(page, await archiveOf(map), NAME, `of=${NAME}&image=/&view=32.5,20.5,3`);
    await page.locator(".stage[data-complete=true]").waitFor();
    const box = await page.locator(".stage").boundingBox();
    if (box === null) throw new Error("there is no stage");
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const session = await page.context().newCDPSession(page);
    const touch = async (type: string, ...touchPoints: readonly { x: number; y: number }[]) => {
      await session.send("Input.dispatchTouchEvent", { type, touchPoints } as never);
    };
    const readout = page.locator(".readout");
    await touch("touchStart", { x: x + 80, y: y + 24 });
    await touch("touchEnd");
    await page.locator(".readout[data-pinned=true]").waitFor();
    expect(await readout.textContent()).toBe("x 42, y 23 (21, 11.5 µm)Intensity 42");
    await touch("touchStart", { x, y });
    await touch("touchEnd");
    await expect.poll(() => page.locator(".readout[data-pinned=true]").count()).toBe(0);
    await touch("touchStart", { x, y });
    for (const step of [10, 20, 30]) await touch("touchMove", { x: x + step, y });
    await touch("touchEnd");
    expect(await page.locator(".readout[data-pinned=true]").count()).toBe(0);
    await session.detach();
  });

  test("is saved as a PNG of the size of the stage", skipFor(outsideSample()), async () => {
    const { page } = visited;
    await chooseInstead(page, await archiveOf(await sampleMap({ size: { y: 64, x: 64 } })), NAME, "");
    await page.locator(".stage[data-complete=true]").waitFor();
    const png = await savedPng(page);
    const stage = await page.locator(".stage").boundingBox();
    expect([png.width, png.height]).toEqual([stage?.width, stage?.height]);
  });

  test("shows all channels but a damaged one, with an error", skipFor(outsideSample()), async () => {
    const { page } = visited;
    const map = await sampleMap({
      codec: "gzip",
      size: { c: 2, z: 1, y: 128, x: 128 },
      levels: 1,
      chunk: 128,
    });
    map.set("/0/c/1/0/0/0", new Uint8Array(100));
    await chooseInstead(page, await archiveOf(map), NAME, "");
    await page.getByRole("alert").getByText("chunk (1, 0, 0, 0) of /0").waitFor();
    const screen = await stagePixels(page);
    const [x, y] = [Math.floor(screen.width / 2), Math.floor(screen.height / 2)];
    const offsets = Array.from({ length: 40 }, (_, at) => 8 * at - 160);
    expect(
      offsets.filter((offset) => Math.max(...screen.at(x + offset, y + offset)) > 60).length,
    ).toBeGreaterThan(3);
  });

  test("is drawn without WebGL 2, and a volume is replaced by what to do", async () => {
    await using other = await visit(chromium(), "about:blank", LOOK);
    await other.page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.getContext = function (
        this: HTMLCanvasElement,
        kind: string,
        options?: object,
      ) {
        return /webgl/.test(kind) ? null : Reflect.apply(getContext, this, [kind, options]);
      } as typeof getContext;
    });
    await other.page.goto(served.url);
    const valueAt = (index: number): number => index % 64;
    const map = smallImage({ "/": imageMetadata("zyx") }, { "/0": { shape: [4, 64, 64], valueAt } });
    await chooseFile(other.page, await archiveOf(map), NAME);
    const screen = await stagePixels(other.page);
    const across = (part: number): number =>
      screen.at(Math.floor(screen.width / 2 + part * screen.height), Math.floor(screen.height / 2))[0];
    expect([across(-0.4), across(0.4)].map((value) => value > 128)).toEqual([false, true]);
    await other.page.getByRole("button", { name: "Volume, 3D" }).click();
    await other.page.getByRole("alert").getByText("no WebGL 2").waitFor();
    await picture(other.page, "no-webgl");
    await other.page.getByRole("button", { name: "Volume, 3D" }).click();
    await stagePixels(other.page);
    expect(other.complaints).toEqual([]);
  });
});
