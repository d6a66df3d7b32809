import type { ByteSink, Progress, SinkJournal, StoreStamp, WriteOptions } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import type { EntryData, RunRange } from "./write-entries.js";

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
  { signal }: WriteOptions = {},
): Promise<RunJournal> {
  const { journal } = sink;
  if (journal === undefined || data.source.stamp === undefined) return noJournal(runs);
  const started = Date.now();
  let begun = false;
  const begin = async (): Promise<readonly string[]> => {
    const stamp = await stampOf(data, signal);
    // A value that was changed while it was copied has a stamp that tells nothing.
    if (!journal.resumes && (stamp.newest ?? 0) >= started) return [];
    begun = true;
    return journal.begin(fingerprintOf(data, stamp));
  };
  const written = journal.resumes ? readNotes(await begin(), runs, data) : new Set<RunRange>();
  return {
    left: runs.filter((run) => !written.has(run)),
    before: progressOf(data, written),
    ...noteTaker(data, journal, async () => {
      if (!begun) await begin();
      return begun;
    }),
  };
}

function noteTaker(
  { crcs }: EntryData,
  journal: SinkJournal,
  ready: () => Promise<boolean>,
): Pick<RunJournal, "finished" | "settle" | "close"> {
  let pending: RunRange[] = [];
  let noting: Promise<void> | undefined;
  // Who wants to go on later has a first note soon; for all others one is only worth it in a run that takes long.
  let noted = journal.resumes ? Number.NEGATIVE_INFINITY : performance.now();
  let failure: { readonly error: unknown } | undefined;
  let useless = false;
  const note = async (): Promise<void> => {
    useless = !(await ready());
    // Taken at once, before the disk is waited for: what comes later is for the next note.
    const runs = pending;
    pending = [];
    if (useless || runs.length === 0) return;
    await journal.note(
      JSON.stringify(runs.map(({ from, to }) => ({ from, to, crcs: [...crcs.subarray(from, to)] }))),
    );
  };
  const start = (): void => {
    noting = note()
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        noted = performance.now();
        noting = undefined;
      });
  };
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    finished(run) {
      throwFailure();
      if (useless) return;
      pending.push(run);
      if (noting === undefined && performance.now() - noted >= journal.interval) start();
    },
    async settle() {
      await noting;
      throwFailure();
    },
    async close() {
      await noting;
      if (journal.resumes && failure === undefined) start();
      await noting;
    },
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

async function stampOf({ source, entries }: EntryData, signal?: AbortSignal): Promise<StoreStamp> {
  const stamp = await source.stamp?.(keysOf(entries), { signal });
  return stamp ?? { text: "" };
}

function* keysOf(entries: EntryData["entries"]) {
  for (const { content } of entries) {
    if (typeof content === "string") yield content;
    else if (!(content instanceof Uint8Array)) {
      for (const piece of content) if (!(piece instanceof Uint8Array)) yield piece.key;
    }
  }
}

/** Says all that the bytes of an archive depend on: names, sizes, comment, contents, and the state of the source. */
function fingerprintOf({ layout, entries }: EntryData, { text }: StoreStamp): string {
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
  return `${layout.count}-${layout.size}-${crc.toString(16)}-${text}`;
}
