import { type AbsolutePath, readHierarchy, type Store } from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { ozxFormat } from "@ozx/store-zip";

/** Opens an archive or folder with the project's own readers. */
function openStore(path: string): Promise<Store> {
  return openPath(path, { formats: [ozxFormat] });
}

/** The entry names of an archive as the project's own reader lists them, sorted. */
export async function archiveNames(path: string): Promise<string[]> {
  const store = await openStore(path);
  const names = [];
  for await (const { key } of store.list()) names.push(key.slice(1));
  await store.close();
  return names.sort();
}

/** The paths of all arrays in a folder or archive. */
export async function arrayPaths(path: string): Promise<AbsolutePath[]> {
  const store = await openStore(path);
  const { nodes } = await readHierarchy(store);
  await store.close();
  return [...nodes.values()].filter((node) => node.kind === "array").map((node) => node.path);
}
