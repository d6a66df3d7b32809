import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isFullRun } from "@ozx/testing";
import type { Chromium, Page } from "@ozx/testing/chromium";

export type { Page } from "@ozx/testing/chromium";

/** A page that is watched: what it says to the console that is no good is kept. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings of the console, and what was thrown and not caught. */
  readonly complaints: string[];
}

/** Shows an address in a page of its own, of the size and colours that are asked for. */
export async function visit(
  chromium: Chromium,
  url: string,
  look: { width?: number; height?: number; dark?: boolean } = {},
): Promise<WatchedPage> {
  const page = await chromium.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.setViewportSize({ width: look.width ?? 1280, height: look.height ?? 720 });
  await page.emulateMedia({ colorScheme: look.dark ? "dark" : "light" });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() };
}

/** Where the files are that a page has chosen, which it reads from the disk as long as it is there. */
const folders = new WeakMap<Page, string>();
let files = 0;

/** Chooses a file with the page's button. */
export async function chooseFile(page: Page, bytes: Uint8Array, name = "image.ozx"): Promise<void> {
  // On the disk: to hand bytes over to the browser takes long.
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

/** Closes what is open, and chooses a file that is shown as the part of an address behind `#` asks for it. */
export async function chooseInstead(
  page: Page,
  bytes: Uint8Array,
  name: string,
  hash: string,
): Promise<void> {
  await page.getByTitle("Close what is open").click();
  await page.getByRole("heading", { name: "Drop an OME-Zarr image here" }).waitFor();
  await page.evaluate((next) => history.replaceState(null, "", `#${next}`), hash);
  await chooseFile(page, bytes, name);
}

/** Drops a file or folder of this computer onto the middle of the page, as a hand would. */
export async function dropPath(page: Page, path: string): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  // Events that a page makes itself carry no handles and no folders; those of the protocol do.
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
  }
  await session.detach();
}

/** Keeps a picture of the page in `packages/web/screenshots`, for a person to look at; in full runs only. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!isFullRun) return;
  await page.screenshot({ path: fileURLToPath(new URL(`../../screenshots/${name}.png`, import.meta.url)) });
}
