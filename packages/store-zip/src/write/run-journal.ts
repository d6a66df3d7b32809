import {
  type ByteSink,
  createNoteTaker,
  type EarlierNotes,
  type Progress,
  type RunRange,
  stampOf,
  type WriteOptions,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import type { EntryData } from "./write-entries.js";

/** Keeps account of the runs of an archive that are written, so that another process can write the others. */
export interface RunJournal {
  /** The runs that are still to be written. */
  readonly left: readonly RunRange[];
  /** What was done before. */
  readonly before: Progress;
  /** Takes a run as written. Throws when what was written before could not be made durable. */
  readonly finished: (run: RunRange) => void;
  /** Waits for what is being noted. Throws as `finished` does. */
  settle(): Promise<void>;
  /** After a failure: notes what is written where somebody will go on with it. Never throws. */
  close(): Promise<void>;
}

/**
 * Begins the account of an archive's runs, or goes on with an earlier one and puts the CRCs that it knows into
 * `data.crcs`. Sinks without a journal, and sources that cannot tell whether they have changed, get none, and all
 * runs are left.
 *
 * @throws UsageError when the earlier one is of another archive
 */
export async function openRunJournal(
  data: EntryData,
  runs: readonly RunRange[],
  sink: ByteSink,
  { signal, onResume }: WriteOptions = {},
): Promise<RunJournal> {
  const { journal } = sink;
  const nothing = { left: undefined, done: { entries: 0, bytes: 0 }, leaves: false };
  if (journal === undefined || data.source.stamp === undefined) {
    if (journal?.resumes) onResume?.(nothing);
    return noJournal(runs);
  }
  const started = Date.now();
  let begun = false;
  const begin = async (): Promise<EarlierNotes> => {
    const stamp = (await stampOf(data, { signal })) ?? { text: "" };
    // A value that was changed while it was copied has a stamp that tells nothing.
    if (!journal.resumes && (stamp.newest ?? 0) >= started) return { left: undefined, notes: [] };
    begun = true;
    return journal.begin({ job: fingerprintOf(data), source: stamp.text });
  };
  const earlier = journal.resumes ? await begin() : undefined;
  const written = readNotes(earlier?.notes ?? [], runs, data);
  const before = progressOf(data, written);
  if (earlier !== undefined) onResume?.({ left: earlier.left, done: before, leaves: true });
  let pending: RunRange[] = [];
  const { crcs } = data;
  const notes = createNoteTaker(journal, {
    async ready() {
      if (!begun) await begin();
      return begun;
    },
    text() {
      const news = pending;
      pending = [];
      if (news.length === 0) return undefined;
      return JSON.stringify(news.map(({ from, to }) => ({ from, to, crcs: [...crcs.subarray(from, to)] })));
    },
  });
  return {
    left: runs.filter((run) => !written.has(run)),
    before,
    finished(run) {
      pending.push(run);
      notes.take();
    },
    settle: notes.settle,
    close: notes.close,
  };
}

function noJournal(runs: readonly RunRange[]): RunJournal {
  const nothing = async (): Promise<void> => {};
  return {
    left: runs,
    before: { entries: 0, bytes: 0 },
    finished() {},
    settle: nothing,
    close: nothing,
  };
}

/** The runs that notes are of. A note that is not understood is left out, and its runs are written again. */
function readNotes(
  notes: readonly string[],
  runs: readonly RunRange[],
  { crcs }: EntryData,
): ReadonlySet<RunRange> {
  const byStart = new Map(runs.map((run) => [run.from, run]));
  const written = new Set<RunRange>();
  for (const { from, to, crcs: known } of notes.flatMap(parseNote)) {
    const run = byStart.get(from);
    if (run?.to !== to || known.length !== to - from) continue;
    crcs.set(known, from);
    written.add(run);
  }
  return written;
}

function parseNote(note: string): (RunRange & { readonly crcs: readonly number[] })[] {
  try {
    const runs: unknown = JSON.parse(note);
    return Array.isArray(runs) ? runs.filter(isNoted) : [];
  } catch {
    return [];
  }
}

function isNoted(run: unknown): run is RunRange & { readonly crcs: readonly number[] } {
  const { from, to, crcs } = (run ?? {}) as Record<string, unknown>;
  return (
    Number.isInteger(from) && Number.isInteger(to) && Array.isArray(crcs) && crcs.every(Number.isInteger)
  );
}

function progressOf({ layout }: EntryData, runs: ReadonlySet<RunRange>): Progress {
  let [entries, bytes] = [0, 0];
  for (const { from, to } of runs) {
    entries += to - from;
    for (let index = from; index < to; index++) bytes += layout.sizes[index] as number;
  }
  return { entries, bytes };
}

/** Says all that the bytes of an archive depend on besides the state of the source: names, sizes, comment, contents. */
function fingerprintOf({ layout, entries }: EntryData): string {
  const encoder = new TextEncoder();
  const { buffer, byteOffset, byteLength } = layout.sizes;
  let crc = crc32(layout.nameBytes);
  crc = crc32(new Uint8Array(buffer, byteOffset, byteLength), crc);
  crc = crc32(layout.comment, crc);
  for (const { key, content } of entries) {
    if (content === key) continue;
    const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) crc = crc32(piece, crc);
      else crc = crc32(encoder.encode(typeof piece === "string" ? piece : `${piece.key} ${piece.size}`), crc);
    }
  }
  return `${layout.count}-${layout.size}-${crc.toString(16)}`;
}
