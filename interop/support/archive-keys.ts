import type { Store } from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { ozxFormat } from "@ozx/store-zip";

/** Opens an archive, or a folder, with the project's own readers. */
export function openStore(path: string): Promise<Store> {
  return openPath(path, { formats: [ozxFormat] });
}

/** The names of an archive's entries as the project's own reader lists them, sorted. */
export async function archiveNames(path: string): Promise<string[]> {
  const store = await openStore(path);
  const names = [];
  for await (const { key } of store.list()) names.push(key.slice(1));
  await store.close();
  return names.sort();
}
