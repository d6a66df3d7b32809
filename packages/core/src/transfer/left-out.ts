import type { Finding } from "../findings.js";
import type { AbsolutePath, StoreEntry } from "../store/store.js";
import { keyName } from "../store/store-keys.js";

/** Whether a key is what desktops and editors leave in folders, and no part of an image. */
function isJunk(key: AbsolutePath): boolean {
  const name = keyName(key);
  return JUNK_NAMES.has(name) || name.startsWith("._") || key.includes("/__MACOSX/");
}

const JUNK_NAMES: ReadonlySet<string> = new Set([
  ".DS_Store",
  ".localized",
  ".directory",
  "Thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "Icon\r",
]);

/** What is part of an image, and what is not. */
export function partJunk(listed: readonly StoreEntry[]): { kept: StoreEntry[]; junk: StoreEntry[] } {
  const parted: { kept: StoreEntry[]; junk: StoreEntry[] } = { kept: [], junk: [] };
  for (const entry of listed) parted[isJunk(entry.key) ? "junk" : "kept"].push(entry);
  return parted;
}

/** Says which files a transfer leaves out, or undefined where it leaves out none. */
export function leftOutFinding(junk: readonly StoreEntry[]): Finding | undefined {
  const [first] = junk;
  if (first === undefined) return undefined;
  const names = [...new Set(junk.map(({ key }) => keyName(key)))].join(", ");
  return {
    rule: "left-out",
    level: "policy",
    severity: "info",
    where: first.key,
    message: `${junk.length} ${junk.length === 1 ? "file" : "files"} of the operating system left out: ${names}.`,
    help: "They are no part of the image; nothing needs to be done.",
  };
}
