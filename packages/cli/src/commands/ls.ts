import { type AbsolutePath, isOzxError, type Store, type StoreEntry } from "@ozx/core";
import { keyName, parentKey } from "@ozx/core/container";
import { locatePath } from "@ozx/core/internal/node";
import { type OpenPathOptions, openPath } from "@ozx/core/node";
import { findEntry, isZipStore, openOzx, type ZipArchive } from "@ozx/store-zip";
import type { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions, withHttpOptions } from "../options/http-options.js";
import { missingKey, toKey } from "../options/key-argument.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible } from "../terminal/interruption.js";
import { createDataWriter } from "../terminal/output.js";
import { printable } from "../terminal/text-layout.js";

interface LsFlags extends HttpFlags {
  readonly long?: boolean;
  readonly json?: boolean;
}

export function defineLs(command: Command): Command {
  command
    .description("Lists the keys of an OME-Zarr folder or archive, one a line, in the order of storage.")
    .argument("<file>", "an OME-Zarr folder, an .ozx or a zip, or an address of an .ozx or zip")
    .argument("[prefix]", "only what is below this node, such as labels/nuclei")
    .option(
      "-l, --long",
      "also print the size of each and, in an archive, its compression method and the offset of its header",
    )
    .option("--json", "print one JSON object a line, with all of that")
    .action(async (file: string, prefix: string | undefined, flags: LsFlags) => {
      const servers = httpOptions(flags, [file]);
      await interruptible(async (signal) => {
        const store = await openStoreAt(file, { formats, signal, wholeIndex: true, ...servers });
        try {
          await list(store, prefix === undefined ? "/" : toKey(prefix), flags, signal);
        } finally {
          await store.close();
        }
      });
    });
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx ls image.ozx | head"],
    ["ozx ls -l image.ozx labels"],
    ["ozx ls --json image.ozx | jq -s 'map(.size) | add'"],
  ],
};

/** Opens a folder or archive; also a zip that contains no image, or several. */
async function openStoreAt(file: string, options: OpenPathOptions): Promise<Store> {
  try {
    return await openPath(file, options);
  } catch (error) {
    if (!isOzxError(error, "UnknownFormat") && !isOzxError(error, "InvalidMetadata")) throw error;
    const located = await locatePath(file, options);
    if (located.kind === "folder") throw error;
    // The root of the archive itself, whatever is in it.
    return openOzx(located.source, { ...options, root: "/" }).catch(async () => {
      await located.source.close();
      throw error;
    });
  }
}

async function list(store: Store, prefix: AbsolutePath, flags: LsFlags, signal: AbortSignal): Promise<void> {
  const writer = createDataWriter(process.stdout);
  const describe = await describer(store, flags);
  let count = 0;
  for await (const entry of store.list({ prefix, signal })) {
    count++;
    const full = writer.write(`${describe(entry)}\n`);
    if (full !== undefined) await full;
  }
  if (count === 0 && prefix !== "/") {
    const entry = await findKey(store, prefix, signal);
    if (entry === undefined) throw await missingKey(store, prefix, { signal });
    await writer.write(`${describe(entry)}\n`);
  }
  await writer.flush();
}

/** Finds a prefix that is itself a key. */
async function findKey(
  store: Store,
  key: AbsolutePath,
  signal: AbortSignal,
): Promise<StoreEntry | undefined> {
  for await (const entry of store.list({ prefix: parentKey(key), names: [keyName(key)], signal })) {
    if (entry.key === key) return entry;
  }
  return undefined;
}

async function describer(store: Store, { long, json }: LsFlags): Promise<(entry: StoreEntry) => string> {
  if (!long && !json) return ({ key }) => printable(key.slice(1));
  const place = isZipStore(store) ? locationIn(await store.loadArchive(), store.root) : () => undefined;
  if (json) return ({ key, size }) => JSON.stringify({ key: key.slice(1), size, ...place(key) });
  return ({ key, size }) => {
    const { method, offset } = place(key) ?? {};
    const where = method === undefined ? "" : `  ${method.padEnd(8)}  ${String(offset).padStart(14)}`;
    return `${String(size).padStart(14)}${where}  ${printable(key.slice(1))}`;
  };
}

/** The compression method and header offset of a key in an archive. */
function locationIn(archive: ZipArchive, root: string) {
  return (key: AbsolutePath): { method: string; offset: number } | undefined => {
    const entry = findEntry(archive.directory, root + key.slice(1));
    return (
      entry && { method: METHODS.get(entry.method) ?? `method ${entry.method}`, offset: entry.headerOffset }
    );
  };
}

const METHODS: ReadonlyMap<number, string> = new Map([
  [0, "stored"],
  [8, "deflated"],
]);
