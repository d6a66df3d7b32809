import { checkOutput, type LostSummary, planTransfer, runTransfer, summarizeLost } from "@ozx/convert";
import { createFileSink } from "@ozx/convert/node";
import { type ByteSource, type Finding, type ReadOptions, readHierarchy, UnsupportedError } from "@ozx/core";
import { collectEntries, type StoreTarget } from "@ozx/core/container";
import { openFileSource } from "@ozx/core/node";
import { ozxFormat, type SalvagedArchive, salvageArchive } from "@ozx/store-zip";
import { createProgress } from "./terminal/progress.js";

/** What can be read of an archive, and what cannot. */
export interface Salvage {
  readonly found: SalvagedArchive;
  readonly lost: LostSummary;
  /** Whether the document of the root is there: without it, nothing is OME-Zarr. */
  readonly hasRoot: boolean;
}

/**
 * Finds what can be read of an archive. The caller closes the store.
 *
 * @throws NotFoundError, UnreadableError when the file cannot be read
 * @throws UnsupportedError when it cannot be salvaged, or nothing in it can be read
 */
export async function findSalvage(
  path: string,
  { quiet, ...options }: ReadOptions & { readonly quiet: boolean },
): Promise<Salvage> {
  const file = await openFileSource(path);
  const progress = createProgress(process.stderr, { verb: "Reading", bytes: file.size });
  // The entries are read again when they are written.
  let isReading = !quiet;
  const source = countedSource(file, (bytes) => {
    if (isReading) progress.update({ entries: 0, bytes });
  });
  try {
    const found = await salvageArchive(source, options).finally(() => {
      isReading = false;
      progress.clear();
    });
    if (found.entries === 0) {
      throw new UnsupportedError(
        `${path} has no entry that can be read: it is not a zip archive, or all of it is damaged`,
        {
          location: path,
          feature: "salvage",
        },
      );
    }
    const hierarchy = await readHierarchy(found.store, options);
    const lost = await summarizeLost(found.store, hierarchy, found.lost, options);
    return { found, lost, hasRoot: hierarchy.nodes.has("/") };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** A source that says how much of it was read, at most all of it: some bytes are read several times. */
function countedSource(source: ByteSource, onBytes: (bytes: number) => void): ByteSource {
  let total = 0;
  const count = (length: number): void => {
    total = Math.min(source.size, total + length);
    onBytes(total);
  };
  const readSync = source.readSync?.bind(source);
  return {
    ...source,
    read(offset, length, options) {
      count(length);
      return source.read(offset, length, options);
    },
    ...(readSync && {
      readSync(offset: number, target: Uint8Array) {
        count(target.length);
        readSync(offset, target);
      },
    }),
  };
}

/** How the rest of an archive is written. */
export interface SalvageOutput extends ReadOptions {
  readonly overwrite: boolean;
  readonly quiet: boolean;
}

/** What was written. */
export interface WrittenSalvage {
  readonly entries: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
  /** Why the output is not valid; undefined where it is. */
  readonly invalid: Finding | undefined;
}

/**
 * Writes what can be read into a new archive: one that follows RFC-9, or with a name that ends in `.zip` and no root the
 * entries as they are.
 *
 * @throws UnsupportedError for an `.ozx` without a root
 * @throws DestinationExistsError, WriteFailedError, and what planning a transfer throws
 */
export async function writeSalvage(
  { found: { store }, hasRoot }: Salvage,
  output: string,
  { overwrite, quiet, signal }: SalvageOutput,
): Promise<WrittenSalvage> {
  if (!hasRoot) return writePlain({ store, hasRoot }, output, { overwrite, quiet, signal });
  const isZip = output.toLowerCase().endsWith(".zip");
  const needs = { ...ozxFormat, anyHierarchy: isZip };
  const transfer = await planTransfer(store, needs, { signal, allowMissing: true });
  const invalid = await checkOutput(transfer, { signal });
  await write(output, transfer.bytes, { overwrite, quiet, signal }, (target, options) =>
    runTransfer(transfer, target, options),
  );
  return { entries: transfer.entries.length, bytes: transfer.bytes, findings: transfer.findings, invalid };
}

/** Writes the entries as they are, where nothing says what they are. */
async function writePlain(
  { store }: { readonly store: SalvagedArchive["store"]; readonly hasRoot: false },
  output: string,
  options: SalvageOutput,
): Promise<WrittenSalvage> {
  if (!output.toLowerCase().endsWith(".zip")) {
    throw new UnsupportedError(
      `${output} cannot be written: the metadata at the root of ${store.name} is lost, and RFC-9 requires it; a name that ends in .zip takes all other entries as they are`,
      { location: output, feature: "an .ozx without a root" },
    );
  }
  const entries = await collectEntries(store.list({ signal: options.signal }), { signal: options.signal });
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const inputs = entries.map(({ key, size }) => ({ key, size, content: key }));
  const job = { source: store, entries: inputs, documents: [], isPlain: true };
  await write(output, bytes, options, (target, writing) => target.write(job, writing));
  return { entries: entries.length, bytes, findings: [], invalid: undefined };
}

async function write(
  output: string,
  bytes: number,
  { overwrite, quiet, signal }: SalvageOutput,
  run: (target: StoreTarget, options: Parameters<StoreTarget["write"]>[1]) => Promise<void>,
): Promise<void> {
  const sink = await createFileSink(output, { overwrite });
  const progress = createProgress(process.stderr, { verb: "Writing", bytes });
  try {
    await run(ozxFormat.target(sink), { signal, onProgress: quiet ? undefined : progress.update });
  } finally {
    progress.clear();
  }
}
