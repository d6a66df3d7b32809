import { UsageError } from "../errors.js";

/** The levels that compressors have; what was written with others decodes all the same. */
const LEVELS = {
  gzip: [0, 9],
  zlib: [0, 9],
  zstd: [-131072, 22],
  blosc: [0, 9],
} as const;

/** The least and the greatest level of a compressor; undefined where it has none. */
export function levelsOf(name: string): readonly [number, number] | undefined {
  return Object.hasOwn(LEVELS, name) ? LEVELS[name as keyof typeof LEVELS] : undefined;
}

/** Whether a compressor has a level; whoever has no levels has them all. */
export function hasLevel(name: string, level: unknown): boolean {
  const [least, most] = levelsOf(name) ?? [-Infinity, Infinity];
  return Number.isInteger(level) && Number(level) >= least && Number(level) <= most;
}

/**
 * Refuses a level that the compressor does not have, gzip's −1 among them, for readers other than ours do not take it.
 *
 * @param name as it is told: the compressor, or a word behind it
 * @throws UsageError
 */
export function checkLevel(name: string, level: number): void {
  const [least, most] = LEVELS[name.split(" ", 1)[0] as keyof typeof LEVELS];
  if (Number.isInteger(level) && level >= least && level <= most) return;
  throw new UsageError(`invalid compression level ${level} (${name} takes ${least} to ${most})`);
}
