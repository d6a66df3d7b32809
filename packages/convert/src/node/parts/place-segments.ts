import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReadOptions } from "@ozx/core";
import { errorCode } from "@ozx/core/internal/node";
import { STAGED } from "./create-plan.js";
import { copyInto, sharedFileSink } from "./part-files.js";
import { resultName } from "./part-result.js";
import type { PlanFile } from "./plan-file.js";

/** A segment in the folder of a plan's state. Its name says its size, so that one listing tells all positions. */
export interface SegmentFile {
  readonly name: string;
  readonly bytes: number;
  /** Whether its bytes are in the staged archive. */
  readonly isPlaced: boolean;
}

/** Gives a complete segment its name. */
export function nameSegment(staged: string, { state }: PlanFile, part: number, bytes: number): Promise<void> {
  return rename(staged, join(state, `segment-${numbered(part)}-${bytes}`));
}

/** The segments that are written, by their parts. */
export async function segmentFiles({ state }: PlanFile): Promise<ReadonlyMap<number, SegmentFile>> {
  const found = new Map<number, SegmentFile>();
  for (const name of await readdir(state).catch(() => [])) {
    const [, kind, part = "", bytes = ""] = /^(segment|placed)-(\d+)-(\d+)$/.exec(name) ?? [];
    if (kind === undefined || found.get(Number(part))?.isPlaced) continue;
    found.set(Number(part), { name, bytes: Number(bytes), isPlaced: kind === "placed" });
  }
  return found;
}

export interface PlaceOptions extends ReadOptions {
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Appends the segments to the staged archive, from the first one on, as far as all before them are written: so the copy is
 * made while others still work, and little is left for the end. Several may do it at once: the same bytes go to the
 * same places.
 *
 * @param copied where segments start
 * @returns the end of what is placed
 */
export async function placeSegments(
  plan: PlanFile,
  copied: number,
  { signal, onBytes }: PlaceOptions = {},
): Promise<number> {
  const { state, output, work } = plan;
  const segments = await segmentFiles(plan);
  const results = new Set(await readdir(state).catch(() => []));
  let position = copied;
  for (const [part, { fromGenerated, toGenerated }] of work.entries()) {
    if (fromGenerated === toGenerated) continue;
    const segment = segments.get(part);
    if (segment === undefined || !results.has(resultName(part))) break;
    if (!segment.isPlaced) {
      const sink = await sharedFileSink(join(state, STAGED), output, "r+");
      try {
        const length = await copyInto(join(state, segment.name), sink, position, { signal, onBytes });
        if (length !== segment.bytes) break;
        await sink.commit();
        await writeFile(join(state, `placed-${numbered(part)}-${segment.bytes}`), "");
        await rm(join(state, segment.name), { force: true });
      } catch (error) {
        // Another process has placed it meanwhile, or has written the end.
        if (errorCode(error) !== "ENOENT" && errorCode(error) !== "ESTALE") throw error;
        const now = await segmentFiles(plan);
        if (now.get(part)?.isPlaced !== true) break;
      } finally {
        await sink.discard();
      }
    }
    position += segment.bytes;
  }
  return position;
}

function numbered(part: number): string {
  return String(part).padStart(5, "0");
}
