import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Empties the folder for samples and archives, which every run creates again. */
export async function setup(): Promise<void> {
  const folder = fileURLToPath(new URL(".cache/work", import.meta.url));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
