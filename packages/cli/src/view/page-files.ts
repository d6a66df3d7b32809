import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type AbsolutePath, NotFoundError } from "@ozx/core";
import { unsafeReason } from "@ozx/core/container";

/** The files that the page of `ozx view` consists of. */
export interface PageFiles {
  /**
   * Finds a file by its path in the page, as in `assets/index.js`: where it is on disk, or its bytes; undefined where
   * there is none.
   */
  find(name: string): Promise<string | Uint8Array | undefined>;
}

/** The page in a folder. */
export function pageInFolder(folder: string): PageFiles {
  return { find: (name) => within(folder, name) };
}

/** The file in a folder; undefined where there is none, or where it is outside of the folder, also by a link. */
export async function within(folder: string, name: string): Promise<string | undefined> {
  const key: AbsolutePath = `/${name}`;
  if (name === "" || unsafeReason(key) !== undefined) return undefined;
  const root = await realpath(folder);
  const real = await realpath(join(root, key)).catch(() => undefined);
  return real?.startsWith(root.endsWith(sep) ? root : root + sep) ? real : undefined;
}

let embedded: (() => Promise<PageFiles>) | undefined;

/** Says that the page is in the program itself, as in the executables of one file. It is loaded when it is viewed. */
export function embedPage(load: () => Promise<PageFiles>): void {
  embedded = load;
}

/**
 * The page: the one in the program itself, or else in the folder that is shipped beside the built code of the command.
 *
 * @throws NotFoundError when the page has not been built
 */
export async function openPage(): Promise<PageFiles> {
  if (embedded !== undefined) return embedded();
  const folder = fileURLToPath(new URL("./page", import.meta.url));
  if (existsSync(join(folder, "index.html"))) return pageInFolder(folder);
  throw new NotFoundError(
    "the page of ozx view is missing: in a clone, build it with npm run build; otherwise install ozx again",
    { location: folder },
  );
}
