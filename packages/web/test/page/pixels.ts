import { readFile } from "node:fs/promises";
import { compositeChannels, type OpenImage } from "@ozx/core";
import { toPixelBlock } from "@ozx/core/internal";
import { expect } from "vitest";
import { colorRamp } from "../../src/image/model/color-ramps.js";
import type { Page } from "./drive.js";

/** The pixels of a part of the screen. */
export interface ScreenPixels {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): readonly [red: number, green: number, blue: number];
}

/** The pixels of the stage, without the controls over the picture. */
export async function stagePixels(page: Page): Promise<ScreenPixels> {
  await page.locator(".stage[data-complete=true]").waitFor();
  await addStyle(page, HIDE_CONTROLS);
  const png = await page.locator(".stage").screenshot();
  await addStyle(page, "");
  return decodePng(page, png);
}

/** Sets the style that a test adds to the page, whose content security policy allows no `<style>`. */
async function addStyle(page: Page, css: string): Promise<void> {
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }, css);
}

/** The PNG that the page saves. */
export async function savedPng(page: Page): Promise<ScreenPixels> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as PNG" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("image.png");
  return decodePng(page, await readFile(await download.path()));
}

/** The pixels of a PNG, decoded by the browser. */
export async function decodePng(page: Page, png: Buffer): Promise<ScreenPixels> {
  const { width, height, data } = await page.evaluate(async (base64) => {
    const response = await fetch(`data:image/png;base64,${base64}`);
    const bitmap = await createImageBitmap(await response.blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
    let text = "";
    for (const byte of pixels) text += String.fromCharCode(byte);
    return { width: bitmap.width, height: bitmap.height, data: btoa(text) };
  }, png.toString("base64"));
  const bytes = Buffer.from(data, "base64");
  return {
    width,
    height,
    at(x, y) {
      const at = 4 * (y * width + x);
      return [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0];
    },
  };
}

const HIDE_CONTROLS = ".view-tools, .scale-bar, .overview, .pane-lines, .pane-name { visibility: hidden }";

/** A view of an image, and what it is compared with. */
export interface ExpectedPicture {
  readonly image: OpenImage;
  readonly level: number;
  /** Positions along the axes that are not drawn, except the channel. */
  readonly slice: Readonly<Record<string, number>>;
  readonly channels: readonly {
    readonly index: number;
    readonly color: string;
    readonly start: number;
    readonly end: number;
    readonly gamma?: number;
    readonly ramp?: string | undefined;
  }[];
  readonly camera: { readonly x: number; readonly y: number; readonly zoom: number };
  /** A label image over the picture. */
  readonly label?: { readonly index: number; readonly opacity: number };
}

/** An {@link ExpectedPicture} without a camera: the whole level. */
type ExpectedLevel = Omit<ExpectedPicture, "camera">;

/** A camera that shows four tiles of a sample, with no edge between pixels in the middle of a screen pixel. */
export const CAMERA = { x: 200.35, y: 200.35, zoom: 1 };

/** Compares the middle of the stage with core's composite of the same pixels. */
export async function expectPicture(page: Page, expected: ExpectedPicture): Promise<void> {
  const { image, camera } = expected;
  const level = image.level(expected.level);
  const rgba = await compositeOf(expected);
  const step = (image.level(0).shape.at(-1) ?? 1) / (level.shape.at(-1) ?? 1);
  const width = level.shape.at(-1) ?? 0;
  const screen = await stagePixels(page);
  const size = 400;
  const [left, top] = [Math.floor((screen.width - size) / 2), Math.floor((screen.height - size) / 2)];
  let [wrong, lit] = [0, 0];
  for (let y = top; y < top + size; y++) {
    for (let x = left; x < left + size; x++) {
      const planeX = Math.floor((camera.x + (x + 0.5 - screen.width / 2) / 2 ** camera.zoom) / step);
      const planeY = Math.floor((camera.y + (y + 0.5 - screen.height / 2) / 2 ** camera.zoom) / step);
      if (planeX < 0 || planeY < 0 || planeX >= width || planeY >= (level.shape.at(-2) ?? 0)) continue;
      const at = 4 * (planeY * width + planeX);
      const colors = screen.at(x, y);
      if (colors.some((color) => color > 60)) lit++;
      if (colors.some((color, part) => Math.abs(color - (rgba[at + part] ?? 0)) > 2)) wrong++;
    }
  }
  expect(lit, "pixels that are not dark").toBeGreaterThan(size);
  expect(wrong, "pixels unlike core's composite").toBe(0);
}

/** A whole level of an image, as core draws it: red, green, blue and alpha. */
export async function compositeOf(expected: ExpectedLevel): Promise<Uint8ClampedArray> {
  const { image, channels, slice } = expected;
  const level = image.level(expected.level);
  const planes = await Promise.all(
    channels.map(async ({ index, start, end, color, gamma, ramp }) => {
      const plane = await level.read({ ...slice, c: index });
      const colors = colorRamp(ramp)?.colors;
      return { values: toPixelBlock(plane).data, window: { start, end }, color, gamma, ramp: colors };
    }),
  );
  const rgba = compositeChannels(planes);
  await blendLabels(rgba, expected);
  return rgba;
}

/** Blends the colours of a label image into the picture, by its opacity. */
async function blendLabels(
  rgba: Uint8ClampedArray,
  { image, level, slice, label }: ExpectedLevel,
): Promise<void> {
  const labels = label && image.labels[label.index];
  if (label === undefined || labels?.model.kind !== "label-image") return;
  const colors = new Map(labels.model.colors.map((one) => [Number(one.value), one.rgba]));
  const { data } = toPixelBlock(await labels.level(level).read(slice));
  for (const [at, value] of data.entries()) {
    const color = colors.get(Number(value));
    for (const part of value === 0 || color === undefined ? [] : [0, 1, 2]) {
      const below = rgba[4 * at + part] ?? 0;
      rgba[4 * at + part] = below + ((color?.[part] ?? 0) - below) * label.opacity;
    }
  }
}

/** A fragment of the page's address that shows the picture of a source. */
export function hashOf(name: string, { image, slice, channels, camera, label }: ExpectedPicture): string {
  const positions = Object.entries(slice).map(([axis, position]) => `at.${axis}=${position}`);
  const shown = channels.map(({ index, color, start, end, gamma = 1, ramp }) =>
    [index, color, start, end, gamma, ...(ramp === undefined ? [] : [ramp])].join(":"),
  );
  const over = label === undefined ? [] : [`label=${label.index}:${label.opacity}`];
  const view = [camera.x, camera.y, camera.zoom].join(",");
  const members = [`of=${name}`, `image=${image.path}`, ...positions, `ch=${shown.join(",")}`];
  return [...members, ...over, `view=${view}`].join("&");
}
