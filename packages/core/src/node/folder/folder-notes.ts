import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { RunRange } from "../../bytes/concurrency.js";
import { createThrottle } from "../../bytes/concurrency.js";
import type { JobFingerprint } from "../../bytes/source-and-sink.js";
import type { AbsolutePath } from "../../store/store.js";
import type { WriteJob } from "../../store/target.js";

/** A file that is written, or is to be. */
export interface SizedKey {
  readonly key: AbsolutePath;
  readonly size: number;
}

/** What the journal of a folder says. */
export interface FolderNotes {
  /** Runs of the job's entries that are written. */
  readonly runs: readonly RunRange[];
  /** The made ones, in their order. */
  readonly made: readonly SizedKey[];
}

export function spellNote({ runs, made }: FolderNotes): string {
  return JSON.stringify({
    runs: runs.map(({ from, to }) => [from, to]),
    made: made.map(({ key, size }) => [key, size]),
  });
}

/** What all notes say together. What is not understood is left out, and is written again. */
export function readNotes(notes: readonly string[], owns: (key: AbsolutePath) => boolean): FolderNotes {
  const parsed = notes.flatMap(parseNote);
  const made = new Map<AbsolutePath, SizedKey>();
  for (const one of parsed.flatMap((note) => note.made)) {
    if (!owns(one.key)) break;
    made.set(one.key, one);
  }
  return { runs: parsed.flatMap(({ runs }) => runs), made: [...made.values()] };
}

function parseNote(text: string): FolderNotes[] {
  try {
    const { runs, made } = JSON.parse(text) as Record<string, unknown>;
    if (!Array.isArray(runs) || !Array.isArray(made)) return [];
    return [
      {
        runs: runs.map(([from, to]: [number, number]) => ({ from, to })),
        made: made.map(([key, size]: [AbsolutePath, number]) => ({ key, size })),
      },
    ];
  } catch {
    return [];
  }
}

/** How many files, from the first on, are in a folder with the sizes that they must have. */
export async function countWritten(
  folder: string,
  files: readonly SizedKey[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const pause = createThrottle();
  for (const [index, { key, size }] of files.entries()) {
    if (statSync(join(folder, key), { throwIfNoEntry: false })?.size !== size) return index;
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    signal?.throwIfAborted();
  }
  return files.length;
}

/** Says all that the files of a job depend on. */
export function fingerprintOf({ entries, generated: made }: WriteJob, source: string): JobFingerprint {
  const hash = createHash("sha256");
  for (const { key, size, content } of entries) {
    hash.update(`${key} ${size}\n`);
    if (content === key) continue;
    for (const piece of typeof content === "string" || content instanceof Uint8Array ? [content] : content) {
      if (piece instanceof Uint8Array || typeof piece === "string") hash.update(piece);
      else hash.update(`${piece.key} ${piece.size}\n`);
    }
  }
  if (made?.origin !== undefined) {
    hash.update(made.origin.recipe);
    for (const key of made.origin.reads()) hash.update(`${key}\n`);
  }
  return { job: `folder-${hash.digest("hex")}`, source };
}
