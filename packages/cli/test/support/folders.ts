import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The hidden entries of a folder: locks, and what writers leave beside their outputs until they are done. */
export function hiddenIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith("."));
}

/** All files below a folder by their relative path, with their bytes. What `diff -r` compares. */
export function readFolder(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), readFileSync(path));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes the values of a hierarchy, by their keys, as files of a folder. */
export function writeEntries(folder: string, values: ReadonlyMap<string, Uint8Array>): void {
  for (const [key, bytes] of values) {
    mkdirSync(dirname(folder + key), { recursive: true });
    writeFileSync(folder + key, bytes);
  }
}
