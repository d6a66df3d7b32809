import { type ByteSource, isOzxError, type ReadOptions, UnsupportedError } from "@ozx/core";
import { unsafeReason } from "@ozx/core/container";
import type { LocalHeader } from "../records/local-header.js";
import { openForCheck } from "../rules/check-archive.js";
import type { Region, SoundEntry } from "./entry-data.js";
import { plausibleName } from "./entry-names.js";
import { checkListed, type ListedEntry, locateListed } from "./listed-entries.js";
import { scanEntries } from "./scan-entries.js";

/** An entry that a directory or a header names, and that cannot be read. */
export interface LostEntry {
  readonly name: string;
  /** Why, as a clause about the entry. */
  readonly reason: string;
}

/** What was found in an archive. */
export interface FoundEntries {
  /** The entries whose CRC is right, by name. */
  readonly sound: ReadonlyMap<string, SoundEntry>;
  /** The others, in the order of their names. */
  readonly lost: readonly LostEntry[];
  /** Why the central directory was not used; undefined where it was. */
  readonly noDirectory: string | undefined;
}

/** The most entries that are looked for: a file of nothing but headers has more than fit into memory. */
const MOST_ENTRIES = 4_000_000;

/**
 * Reads the whole archive, and finds its entries: by its central directory, and by the local headers where the directory
 * cannot be read, or is wrong about an entry. Of several entries of one name the last one is the entry, as in a directory.
 *
 * @throws UnsupportedError when there are more than four million entries
 * @throws what reading the source throws
 */
export async function findEntries(source: ByteSource, options?: ReadOptions): Promise<FoundEntries> {
  const opened = await openForCheck(source, options);
  const found = createFindings(source);
  if ("archive" in opened) {
    const wanted = new Map<string, ListedEntry>();
    await checkListed(
      opened.archive,
      (listed, checked) => {
        if ("entry" in checked) return found.keep(checked.entry);
        found.lose(listed.name, checked.reason);
        if (!checked.isFinal) wanted.set(listed.name, listed);
      },
      options,
    );
    if (wanted.size > 0) await findElsewhere(source, wanted, found, options);
    return found.result(undefined);
  }
  await findWithoutDirectory(source, found, options);
  return found.result(opened.error.message);
}

/**
 * Looks for entries that are not where the directory says: whatever else has a header is not part of the archive. Where a
 * scan would not end, they are lost.
 */
async function findElsewhere(
  source: ByteSource,
  wanted: ReadonlyMap<string, ListedEntry>,
  found: Findings,
  options?: ReadOptions,
): Promise<void> {
  const scan = { skipped: found.regions(), most: MOST_ENTRIES };
  const scanned = await scanEntries(source, scan, options).catch((error: unknown) => {
    if (isOzxError(error, "Unsupported")) return undefined;
    throw error;
  });
  for (const [name, versions] of scanned?.sound ?? []) {
    const crc = wanted.get(name)?.crc;
    const entry = versions.findLast((version) => version.crc === crc);
    if (entry !== undefined) found.keep(entry);
  }
}

async function findWithoutDirectory(
  source: ByteSource,
  found: Findings,
  options?: ReadOptions,
): Promise<void> {
  const { sound, listed, damaged } = await scanEntries(source, { most: MOST_ENTRIES }, options);
  for (const { name, reason } of damaged) found.lose(name, reason);
  for (const [name, versions] of sound) {
    const crc = listed.get(name)?.crc;
    const entry = versions.findLast((version) => version.crc === crc) ?? versions.at(-1);
    if (entry !== undefined) found.keep(entry);
  }
  // Twice the file: a directory that lists the same bytes again and again is not followed for ever.
  let budget = 2 * source.size;
  for (const [name, entry] of listed) {
    if (found.has(name) || name.endsWith("/")) continue;
    found.lose(name, "its data was not found");
    budget -= 3 * entry.compressedSize;
    if (budget < 0) continue;
    const isNamed = (header: LocalHeader): boolean => plausibleName(header.name, header.extra) === name;
    const { nameLength } = entry;
    const checked = await locateListed(source, entry, { isNamed, nameLength, limit: Number.NaN }, options);
    if ("entry" in checked) found.keep(checked.entry);
    else found.lose(name, checked.reason);
  }
}

/** The entries that were found so far. */
interface Findings {
  keep(entry: SoundEntry): void;
  lose(name: string, reason: string): void;
  has(name: string): boolean;
  /** The parts of the file that sound entries take, in its order. */
  regions(): readonly Region[];
  result(noDirectory: string | undefined): FoundEntries;
}

function createFindings(source: ByteSource): Findings {
  const sound = new Map<string, SoundEntry>();
  const lost = new Map<string, string>();
  const checkCount = (): void => {
    if (sound.size + lost.size <= MOST_ENTRIES) return;
    throw new UnsupportedError(
      `${source.name} has more than ${MOST_ENTRIES} entries, which are too many to salvage at once`,
      { location: source.name, feature: "very many entries" },
    );
  };
  return {
    keep(entry) {
      const unsafe = unsafeReason(`/${entry.name}`);
      if (unsafe !== undefined) return this.lose(entry.name, `it ${unsafe}`);
      lost.delete(entry.name);
      sound.set(entry.name, entry);
      checkCount();
    },
    lose(name, reason) {
      if (sound.has(name)) return;
      lost.set(name, reason);
      checkCount();
    },
    has: (name) => sound.has(name),
    regions: () =>
      [...sound.values()]
        .map(({ headerOffset, dataOffset, compressedSize }) => ({
          start: headerOffset,
          end: dataOffset + compressedSize,
        }))
        .sort((a, b) => a.start - b.start),
    result: (noDirectory) => ({
      sound,
      lost: [...lost].map(([name, reason]) => ({ name, reason })).sort((a, b) => compare(a.name, b.name)),
      noDirectory,
    }),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
