import { describeWithChromium, imageMetadata, outsideSample, skipFor, smallImage } from "@ozx/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chooseFile, chooseInstead, type Page, visit, type WatchedPage } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { pageServer } from "./page/serve-page.js";

const NAME = "image.ozx";
const served = pageServer();

describeWithChromium("the picture under the pointer", (chromium) => {
  let visited: WatchedPage;
  /** The middle of the stage. */
  let middle: { readonly x: number; readonly y: number };
  beforeAll(async () => {
    visited = await visit(chromium(), served.url, { width: 800, height: 500 });
    await chooseFile(visited.page, await image(), NAME);
  });
  afterAll(() => visited[Symbol.asyncDispose]());
  beforeEach(async () => {
    const { page } = visited;
    await page.emulateMedia({ reducedMotion: "reduce" });
    await chooseInstead(page, await image(), NAME, `of=${NAME}&image=/&view=500,500,0`);
    await page.locator(".stage[data-complete=true]").waitFor();
    const box = await page.locator(".stage").boundingBox();
    if (box === null) throw new Error("there is no stage");
    middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  });

  test("is moved by a drag, with the button that presses", async () => {
    const { mouse } = visited.page;
    await mouse.move(middle.x, middle.y);
    await mouse.down();
    await mouse.move(middle.x + 60, middle.y - 40, { steps: 6 });
    await mouse.up();
    await expectCamera(visited.page, { x: 440, y: 540, zoom: 0 });
    await mouse.down({ button: "right" });
    await mouse.move(middle.x, middle.y, { steps: 3 });
    await mouse.up({ button: "right" });
    await expectCamera(visited.page, { x: 440, y: 540, zoom: 0 });
  });

  test(
    "moves on for a moment when it is let go of in motion, unless motion is to be reduced",
    skipFor(outsideSample()),
    async () => {
      const { page } = visited;
      await page.emulateMedia({ reducedMotion: "no-preference" });
      await page.mouse.move(middle.x, middle.y);
      await page.mouse.down();
      // All at once, so that the motion is a fast one however busy the machine is.
      await page.locator(".stage-canvas").evaluate((element, { x, y }) => {
        const send = (type: string, clientX: number): void => {
          element.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX, clientY: y, bubbles: true }));
        };
        for (let step = 1; step <= 8; step++) send("pointermove", x - 10 * step);
        send("pointerup", x - 80);
      }, middle);
      await expect.poll(async () => (await cameraOf(page))?.x).toBeGreaterThan(581);
      expect((await cameraOf(page))?.y).toBeCloseTo(500);
      await page.mouse.up();
    },
  );

  test("is zoomed by the wheel around the pointer, which stays over the same pixel", async () => {
    const { page } = visited;
    await page.mouse.move(middle.x + 100, middle.y + 50);
    await page.mouse.wheel(0, -1000);
    await expect.poll(async () => (await cameraOf(page))?.zoom).toBeGreaterThan(0.9);
    const { x, y, zoom } = (await cameraOf(page)) ?? { x: 0, y: 0, zoom: 0 };
    expect(zoom).toBeLessThanOrEqual(1);
    expect(x + 100 / 2 ** zoom).toBeCloseTo(600, 0);
    expect(y + 50 / 2 ** zoom).toBeCloseTo(550, 0);
    await page.mouse.wheel(0, 1000);
    await expectCamera(page, { x: 500, y: 500, zoom: 0 });
  });

  test("is zoomed by a double click, and out again with Shift", skipFor(outsideSample()), async () => {
    const { page } = visited;
    await page.mouse.dblclick(middle.x + 80, middle.y);
    await expectCamera(page, { x: 540, y: 500, zoom: 1 });
    // So that it is no third click.
    await page.mouse.move(middle.x, middle.y + 100);
    await page.keyboard.down("Shift");
    await page.mouse.dblclick(middle.x + 80, middle.y);
    await page.keyboard.up("Shift");
    await expectCamera(page, { x: 500, y: 500, zoom: 0 });
  });

  test("is moved and zoomed by two fingers", async () => {
    const { page } = visited;
    const session = await page.context().newCDPSession(page);
    const touch = async (type: string, ...fingers: readonly (readonly [x: number, y: number])[]) => {
      const touchPoints = fingers.map(([x, y], id) => ({ x: middle.x + x, y: middle.y + y, id }));
      await session.send("Input.dispatchTouchEvent", { type, touchPoints } as never);
    };
    await touch("touchStart", [-50, 0], [50, 0]);
    for (const step of [60, 70, 80, 90, 100]) await touch("touchMove", [-step, 0], [step, 0]);
    await touch("touchMove", [-100, 30], [100, 30]);
    await touch("touchEnd");
    await expectCamera(page, { x: 500, y: 485, zoom: 1 });
    for (const type of ["touchStart", "touchEnd", "touchStart", "touchEnd"]) {
      await touch(type, ...(type === "touchStart" ? [[0, 0] as const] : []));
    }
    await expectCamera(page, { x: 500, y: 485, zoom: 2 });
    await session.detach();
  });

  test(
    "stays on the image, and within the largest and the smallest zoom",
    skipFor(outsideSample()),
    async () => {
      const { page } = visited;
      const { mouse } = page;
      await mouse.move(middle.x, middle.y);
      for (let drag = 0; drag < 4; drag++) {
        await mouse.move(middle.x - 150, middle.y);
        await mouse.down();
        await mouse.move(middle.x + 200, middle.y, { steps: 2 });
        await mouse.up();
      }
      await expectCamera(page, { x: 0, y: 500, zoom: 0 });
      for (let turn = 0; turn < 8; turn++) await mouse.wheel(0, -2000);
      await expect.poll(async () => (await cameraOf(page))?.zoom).toBe(6);
      for (let turn = 0; turn < 12; turn++) await mouse.wheel(0, 2000);
      await expect.poll(async () => (await cameraOf(page))?.zoom).toBeLessThan(-1);
      expect((await cameraOf(page))?.zoom).toBeGreaterThan(-3);
    },
  );
});

/** 1000 × 1000 pixels. */
function image(): Promise<Uint8Array> {
  return archiveOf(smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [1000, 1000] } }));
}

/** The camera in the page's address; undefined while the whole image is shown. */
async function cameraOf(page: Page) {
  const view = await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("view"));
  const [x, y, zoom] = view?.split(",").map(Number) ?? [];
  return x === undefined || y === undefined || zoom === undefined ? undefined : { x, y, zoom };
}

async function expectCamera(
  page: Page,
  { x, y, zoom }: { x: number; y: number; zoom: number },
): Promise<void> {
  const rounded = async (): Promise<number[]> => {
    const camera = await cameraOf(page);
    return camera === undefined
      ? []
      : [Math.round(camera.x), Math.round(camera.y), Math.round(camera.zoom * 20)];
  };
  await expect.poll(rounded).toEqual([x, y, zoom * 20]);
}
