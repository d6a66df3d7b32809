import { type ByteSource, type ReadOptions, UnsupportedError } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { FLAG_DATA_DESCRIPTOR, viewOf } from "../records/fields.js";
import {
  checkData,
  type DataClaims,
  type Region,
  readBytes,
  type SoundEntry,
  unsupportedData,
} from "./entry-data.js";
import type { ListedEntry } from "./listed-entries.js";
import { createRecordScanner, type Descriptor, descriptorsIn, type ScannedListing } from "./scan-records.js";

/** What the records of a file say, without its central directory. */
export interface ScannedEntries {
  /** The entries whose CRC is right, by name: of one name several, in the order of the file. */
  readonly sound: ReadonlyMap<string, readonly SoundEntry[]>;
  /** The last central header of each name. */
  readonly listed: ReadonlyMap<string, ScannedListing>;
  /** Local headers without such data. */
  readonly damaged: readonly DamagedEntry[];
}

/** Little of each: a file may have millions of headers without data. */
interface DamagedEntry {
  readonly name: string;
  readonly headerOffset: number;
  readonly reason: string;
}

interface ScanOptions {
  /** Parts of the file that are not looked at, in its order. */
  readonly skipped?: readonly Region[];
  /** The most entries. */
  readonly most: number;
}

/** How often all bytes of a file are checked on average, before headers must have been made to lead nowhere. */
const MOST_CHECKS = 4;

/**
 * Finds local headers by their signature, in the order of the file, and reads their data. The data of an entry whose CRC
 * is right is passed over, so that an archive in it is not taken apart. Where sizes and CRC follow the data (a data
 * descriptor), the end is found by one whose size is the distance from the header.
 *
 * @throws UnsupportedError when there are too many entries, or the file was made so that a scan does not end
 */
export async function scanEntries(
  source: ByteSource,
  { skipped = [], most }: ScanOptions,
  options?: ReadOptions,
): Promise<ScannedEntries> {
  const scanner = createRecordScanner(source, options);
  const listed = new Map<string, ScannedListing>();
  const sound: SoundEntry[] = [];
  const damaged: DamagedEntry[] = [];
  const lose = ({ name, headerOffset }: ListedEntry, reason: string): void => {
    damaged.push({ name, headerOffset, reason });
  };
  /** Entries whose sizes follow their data, by where that starts. */
  const open = new Map<number, ListedEntry>();
  const isOpen = (dataOffset: number): boolean => open.has(dataOffset);
  let budget = MOST_CHECKS * source.size;
  const check = async (claims: DataClaims, dataOffset: number): Promise<string | undefined> => {
    const unsupported = unsupportedData(claims);
    if (unsupported !== undefined) return unsupported;
    budget -= Math.min(claims.compressedSize, source.size);
    if (budget < 0) throw tooMuch(source, "its headers lead to the same bytes again and again");
    return checkData(source, claims, dataOffset, options);
  };
  const close = async (descriptors: readonly Descriptor[]): Promise<void> => {
    for (const { dataOffset, ...ending } of descriptors) {
      const entry = open.get(dataOffset);
      if (entry === undefined) continue;
      const claims = { ...entry, ...ending };
      if ((await check(claims, dataOffset)) !== undefined) continue;
      sound.push({ ...claims, dataOffset });
      open.delete(dataOffset);
    }
  };

  const pause = createThrottle(options);
  for (const { start, end } of gapsBetween(skipped, source.size)) {
    for (let at = start; ; ) {
      const record = await scanner.next(at, end, isOpen);
      if (record === undefined) break;
      await pause();
      at = record.at + 1;
      if (record.kind === "descriptor") {
        await close(record.ends);
        continue;
      }
      if (open.size > 0) await close(await bareDescriptors(source, record.at, options));
      const { entry } = record;
      if (Math.max(sound.length + damaged.length + open.size, listed.size) > most) {
        throw tooMuch(source, `it has more than ${most} entries`);
      }
      if (record.kind === "central") listed.set(entry.name, record.entry);
      else if (entry.name.endsWith("/")) continue;
      else if (isEndedByDescriptor(entry)) open.set(record.dataOffset, entry);
      else {
        const reason = await check(entry, record.dataOffset);
        if (reason !== undefined) lose(entry, reason);
        else {
          sound.push({ ...entry, dataOffset: record.dataOffset });
          at = record.dataOffset + entry.compressedSize;
        }
      }
    }
  }
  for (const entry of open.values()) lose(entry, "the end of its data was not found");
  return { ...outermost(sound, damaged), listed };
}

function isEndedByDescriptor({ flags, crc, compressedSize }: ListedEntry): boolean {
  return (flags & FLAG_DATA_DESCRIPTOR) !== 0 && crc === 0 && compressedSize === 0;
}

/** The parts of a file between regions, which may overlap. */
function* gapsBetween(regions: readonly Region[], size: number): Generator<Region> {
  let start = 0;
  for (const region of regions) {
    if (region.start > start) yield { start, end: region.start };
    start = Math.max(start, region.end);
  }
  if (start < size) yield { start, end: size };
}

/** Bytes of the longer form of a data descriptor without a signature. */
const LONGEST_BARE = 20;

/** Data descriptors without a signature that end at a position. */
async function bareDescriptors(
  source: ByteSource,
  end: number,
  options?: ReadOptions,
): Promise<readonly Descriptor[]> {
  const start = Math.max(0, end - LONGEST_BARE);
  const view = viewOf(await readBytes(source, start, end - start, options));
  const forms = [12, LONGEST_BARE].filter((length) => length <= view.byteLength);
  return forms.flatMap((length) => {
    const all = descriptorsIn(view, view.byteLength - length, end - length);
    // The last one found is the one that takes all of the bytes.
    return all.slice(-1);
  });
}

/** The entries that do not lie in the data of another one: an archive may be the data of an entry. */
function outermost(
  sound: readonly SoundEntry[],
  damaged: readonly DamagedEntry[],
): Omit<ScannedEntries, "listed"> {
  const byName = new Map<string, SoundEntry[]>();
  const regions: Region[] = [];
  let end = 0;
  for (const entry of [...sound].sort(byOffset)) {
    if (entry.headerOffset < end) continue;
    end = entry.dataOffset + entry.compressedSize;
    regions.push({ start: entry.headerOffset, end });
    const versions = byName.get(entry.name);
    if (versions === undefined) byName.set(entry.name, [entry]);
    else versions.push(entry);
  }
  let at = 0;
  const outside = [...damaged].sort(byOffset).filter(({ headerOffset }) => {
    while ((regions[at]?.end ?? Number.POSITIVE_INFINITY) <= headerOffset) at++;
    return !(headerOffset > (regions[at]?.start ?? Number.POSITIVE_INFINITY));
  });
  return { sound: byName, damaged: outside };
}

function byOffset(a: { headerOffset: number }, b: { headerOffset: number }): number {
  return a.headerOffset - b.headerOffset;
}

function tooMuch(source: ByteSource, why: string): UnsupportedError {
  return new UnsupportedError(`${source.name} cannot be salvaged: ${why}`, {
    location: source.name,
    feature: "a scan without an end",
  });
}
