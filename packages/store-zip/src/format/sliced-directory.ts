import type { ByteSource, ReadOptions } from "@ozx/core";
import { compareKeys } from "@ozx/core/container";
import { type CentralDirectory, findEntry, nameAt } from "../directory/central-directory.js";
import { type DirectorySlice, parseSlice } from "../directory/directory-slice.js";
import { directoryClaims } from "../read/archive.js";
import type { ArchiveEnd } from "../read/archive-end.js";
import { largestDirectory } from "../read/directory-limit.js";
import type { ChunkPositions } from "./chunk-positions.js";

/** Bytes of one slice: enough to be right with a guess that is wrong by a percent of 100,000 entries. */
const SLICE = 192 * 1024;
/** The part of the directory that is read in slices before all of it is worthwhile. */
const WORTHWHILE = 0.25;

/** A directory of which only slices are read, to find entries in an archive on a server. */
export interface SlicedDirectory {
  /**
   * A slice that has an entry of this name. Undefined where the name is not where it would be if entries were in the
   * order of their names, and where so many slices were read that the whole directory is worthwhile: whether there is
   * such an entry, only the whole directory says.
   */
  find(name: string, options?: ReadOptions): Promise<DirectorySlice | undefined>;
}

/**
 * Finds entries by the order in which ours are (`rfc9Order`): a slice is read where the name is expected, and then
 * between its neighbours. Nothing is taken for granted: a slice is only returned with the name in it.
 *
 * @param ends the first entries of the directory and the last ones
 * @param positions where chunks are expected, asked for when the first is looked for
 */
export function slicedDirectory(
  source: ByteSource,
  end: ArchiveEnd,
  ends: readonly [DirectorySlice, DirectorySlice],
  positions: (options?: ReadOptions) => Promise<ChunkPositions>,
): SlicedDirectory {
  const { directoryOffset, directorySize } = end;
  const most = Math.min(directorySize * WORTHWHILE, largestDirectory(end));
  /** In the order of the directory. */
  let slices: readonly DirectorySlice[] = ends;
  let bytesRead = 0;

  const known = (name: string): DirectorySlice | undefined => slices.find((slice) => hasName(slice, name));
  const search = async (name: string, options?: ReadOptions): Promise<DirectorySlice | undefined> => {
    for (;;) {
      const found = known(name);
      if (found !== undefined) return found;
      const gap = gapFor(name, slices);
      if (gap === undefined || bytesRead + SLICE > most) return undefined;
      const [before, after] = gap;
      const part = expectedAt(name, before, after, await positions(options));
      const middle = before.to + part * (after.from - before.to);
      const isSmall = after.from - before.to < 1.5 * SLICE;
      const from = isSmall ? before.to : Math.max(before.to, Math.floor(middle - SLICE / 2));
      const to = isSmall ? after.from : Math.min(after.from, from + SLICE);
      bytesRead += to - from;
      const bytes = await source.read(directoryOffset + from, to - from, options);
      const slice = parseSlice(bytes, from, directoryClaims(end));
      if (slice === undefined) return undefined;
      slices = [...slices, slice].sort((a, b) => a.from - b.from);
    }
  };

  // One after the other: neighbours are in the slice that the first of them has read.
  let last: Promise<unknown> = Promise.resolve();
  return {
    async find(name, options) {
      // A name that was read already waits for no other.
      const slice = known(name);
      if (slice !== undefined) return slice;
      const found = last.then(() => {
        options?.signal?.throwIfAborted();
        return search(name, options);
      });
      last = found.catch(() => {});
      return found;
    },
  };
}

/** The slices between which a name is, if any entries between them are still unknown. */
function gapFor(
  name: string,
  slices: readonly DirectorySlice[],
): readonly [before: DirectorySlice, after: DirectorySlice] | undefined {
  // The first slice starts with documents, which are in an order of their own.
  const index = slices.findIndex(
    ({ directory }, at) => at > 0 && compareKeys(name, nameAt(directory, 0)) < 0,
  );
  const [before, after] = [slices[index - 1], slices[index]];
  if (before === undefined || after === undefined || before.to >= after.from) return undefined;
  return compareKeys(name, lastName(before.directory)) > 0 ? [before, after] : undefined;
}

/** Between 0 and 1, where a name is expected between two slices: in the middle where nothing is known. */
function expectedAt(
  name: string,
  before: DirectorySlice,
  after: DirectorySlice,
  positions: ChunkPositions,
): number {
  const start = positions(lastName(before.directory)) ?? 0;
  const [at, stop] = [positions(name), positions(nameAt(after.directory, 0))];
  if (at === undefined || stop === undefined || stop <= start) return 0.5;
  return Math.min(1, Math.max(0, (at - start) / (stop - start)));
}

function hasName({ directory }: DirectorySlice, name: string): boolean {
  return findEntry(directory, name) !== undefined;
}

function lastName(directory: CentralDirectory): string {
  return nameAt(directory, directory.count - 1);
}
