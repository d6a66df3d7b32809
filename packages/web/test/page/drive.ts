import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Chromium, Page } from "@ozx/testing/chromium";
import { expect } from "vitest";

export type { Page } from "@ozx/testing/chromium";

/** A page whose errors and warnings are recorded. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings in the console, and uncaught exceptions. */
  readonly complaints: string[];
}

/** The checksum of the `<style>` that Playwright adds for a screenshot in Firefox, which the policy of the page refuses. */
const STYLE_OF_SCREENSHOTS = "sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA=";

/** The size of a page, and its colour scheme. */
interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** Whether the browser claims to have a graphics card: the page draws with WebGL only where it does. */
  readonly graphicsCard?: boolean;
}

/** The looks that every part of the page is tested in. */
export const LOOKS: readonly (readonly [name: string, look: Look])[] = [
  ["desktop, light", { width: 1280, height: 720 }],
  ["phone, dark", { width: 390, height: 844, dark: true }],
];

/** Opens an address in a new page of 1280 × 720 pixels, or of the given size and colour scheme. */
export async function visit(
  browser: Pick<Chromium, "newPage">,
  url: string,
  look: Partial<Look> = {},
): Promise<WatchedPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const complain = (text: string): void => {
    if (!text.includes(STYLE_OF_SCREENSHOTS)) complaints.push(text);
  };
  page.on("pageerror", (error) => complain(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(message.text());
  });
  await page.setViewportSize({ width: look.width ?? 1280, height: look.height ?? 720 });
  await page.emulateMedia({ colorScheme: look.dark ? "dark" : "light" });
  if (look.graphicsCard) await page.addInitScript(claimGraphicsCard);
  await page.goto(url);
  const close = async (): Promise<void> => {
    await page.close();
    // Whatever a test does with the page, it stays within its policy.
    expect(complaints.filter((text) => /content.security.policy/i.test(text))).toEqual([]);
  };
  return { page, complaints, [Symbol.asyncDispose]: close };
}

/** In a page: the renderer of WebGL has the name of a card, though it is the processor where tests run. */
function claimGraphicsCard(): void {
  const { getParameter } = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.getParameter = function (this: WebGL2RenderingContext, name: number) {
    const UNMASKED_RENDERER_WEBGL = 0x9246;
    return name === UNMASKED_RENDERER_WEBGL ? "A graphics card" : Reflect.apply(getParameter, this, [name]);
  };
}

/** The folders of the chosen files: a page reads them from the disk until it is closed. */
const folders = new WeakMap<Page, string>();
let files = 0;

/** Chooses a file with the page's button. */
export async function chooseFile(page: Page, bytes: Uint8Array, name = "image.ozx"): Promise<void> {
  // As a file, because passing bytes to the browser is slow.
  const folder = join(folderOf(page), String(files++));
  mkdirSync(folder);
  writeFileSync(join(folder, name), bytes);
  await page.getByTestId("file-input").first().setInputFiles(join(folder, name));
}

function folderOf(page: Page): string {
  const known = folders.get(page);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), "ozx-page-"));
  folders.set(page, folder);
  page.once("close", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Closes the open image and chooses another file, with the given fragment in the page's address. */
export async function chooseInstead(
  page: Page,
  bytes: Uint8Array,
  name: string,
  hash: string,
): Promise<void> {
  await page.getByTitle("Close the image").click();
  await page.getByRole("heading", { name: "Drop an OME-Zarr image here" }).waitFor();
  await page.evaluate((next) => history.replaceState(null, "", `#${next}`), hash);
  await chooseFile(page, bytes, name);
}

/** Drops files or a folder onto the middle of the page, as a user would. */
export async function dropPath(page: Page, ...paths: readonly string[]): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  // Events dispatched by a script carry neither handles nor folders; those of the DevTools protocol do.
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
  }
  await session.detach();
}

/** Saves a screenshot to `packages/web/screenshots` for people to look at, where `OZX_PICTURES=1` asks for them. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env["OZX_PICTURES"] !== "1") return;
  const path = fileURLToPath(new URL(`../../screenshots/${name}.png`, import.meta.url));
  await page.screenshot({ path });
}
