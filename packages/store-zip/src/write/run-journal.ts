import {
  type ByteSink,
  createCheckpointer,
  type JournalRecords,
  type Progress,
  type RunRange,
  sourceFingerprintOf,
  type WriteJob,
  type WriteOptions,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import type { EntryData } from "./write-entries.js";
import { endOfRow, type GeneratedRow, isRecordedRow, locateRows } from "./written-entries.js";

/** Keeps account of the runs of an archive that are written, so that another process can write the others. */
export interface RunJournal {
  /** The runs that are still to be written. */
  readonly remaining: readonly RunRange[];
  /** The made entries that are written, in their order. */
  readonly generated: readonly GeneratedRow[];
  /** What was done before. */
  readonly before: Progress;
  /** Takes a run as written. Throws when what was written before could not be made durable. */
  readonly finished: (run: RunRange) => void;
  /** Takes a made entry that was added. */
  added(row: GeneratedRow): void;
  /** Whether it is time for a note, so that what was added should be in the sink. */
  isDue(): boolean;
  /** Says up to where all that was added is in the sink. Throws as `finished` does. */
  reached(position: number): void;
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
  data: EntryData & Pick<WriteJob, "generated">,
  runs: readonly RunRange[],
  sink: ByteSink,
  { signal, onResume }: WriteOptions = {},
): Promise<RunJournal> {
  const { journal } = sink;
  const nothing = { leftover: undefined, done: { entries: 0, bytes: 0 }, isResumable: false };
  const cannotTell = data.generated !== undefined && data.generated.origin === undefined;
  if (journal === undefined || data.source.fingerprint === undefined || cannotTell) {
    if (journal?.resumes) onResume?.(nothing);
    return withoutJournal(runs);
  }
  const started = Date.now();
  let begun = false;
  const begin = async (): Promise<JournalRecords> => {
    const stamp = (await sourceFingerprintOf(data, { signal })) ?? { text: "" };
    // A value that was changed while it was copied has a stamp that tells nothing.
    if (!journal.resumes && (stamp.newest ?? 0) >= started) return { leftover: undefined, records: [] };
    begun = true;
    return journal.begin({ job: jobFingerprint(data), source: stamp.text });
  };
  const earlier = journal.resumes ? await begin() : undefined;
  const written = readRunRecords(earlier?.records ?? [], runs, data);
  const made = locateRows(
    earlier?.records.flatMap((note) => partsOfRecord(note).filter(isRecordedRow)) ?? [],
    data.layout.directoryOffset,
    (name) => data.generated?.origin?.owns(`/${name}`) ?? false,
  );
  const before = progressOf(data, written, made);
  if (earlier !== undefined) onResume?.({ leftover: earlier.leftover, done: before, isResumable: true });
  let pending: RunRange[] = [];
  const added: GeneratedRow[] = [];
  let reached = 0;
  let useless = false;
  const { crcs } = data;
  const notes = createCheckpointer(journal, {
    async ready() {
      if (!begun) await begin();
      useless = !begun;
      return begun;
    },
    record() {
      const runsDone = pending.map(({ from, to }) => ({
        from,
        to,
        crcs: [...crcs.subarray(from, to)],
      }));
      pending = [];
      const later = added.findIndex((row) => endOfRow(row) > reached);
      const rows = added.splice(0, later < 0 ? added.length : later);
      const news = [...runsDone, ...rows.map(({ name, size, crc }) => ({ name, size, crc }))];
      return news.length === 0 ? undefined : JSON.stringify(news);
    },
  });
  return {
    remaining: runs.filter((run) => !written.has(run)),
    generated: made,
    before,
    finished(run) {
      pending.push(run);
      notes.checkpoint();
    },
    added(row) {
      if (!useless) added.push(row);
    },
    isDue: notes.isDue,
    reached(position) {
      reached = position;
      notes.checkpoint();
    },
    settle: notes.settle,
    close: notes.close,
  };
}

function withoutJournal(runs: readonly RunRange[]): RunJournal {
  const nothing = async (): Promise<void> => {};
  return {
    remaining: runs,
    generated: [],
    before: { entries: 0, bytes: 0 },
    finished() {},
    added() {},
    isDue: () => false,
    reached() {},
    settle: nothing,
    close: nothing,
  };
}

/** The runs that notes are of. A note that is not understood is left out, and its runs are written again. */
function readRunRecords(
  notes: readonly string[],
  runs: readonly RunRange[],
  { crcs }: EntryData,
): ReadonlySet<RunRange> {
  const byStart = new Map(runs.map((run) => [run.from, run]));
  const written = new Set<RunRange>();
  for (const { from, to, crcs: known } of notes.flatMap((note) => partsOfRecord(note).filter(isRunRecord))) {
    const run = byStart.get(from);
    if (run?.to !== to || known.length !== to - from) continue;
    crcs.set(known, from);
    written.add(run);
  }
  return written;
}

function partsOfRecord(note: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(note);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

function isRunRecord(run: unknown): run is RunRange & { readonly crcs: readonly number[] } {
  const { from, to, crcs } = (run ?? {}) as Record<string, unknown>;
  return (
    Number.isInteger(from) && Number.isInteger(to) && Array.isArray(crcs) && crcs.every(Number.isInteger)
  );
}

function progressOf(
  { layout }: EntryData,
  runs: ReadonlySet<RunRange>,
  made: readonly GeneratedRow[],
): Progress {
  let entries = made.length;
  let bytes = made.reduce((sum, { size }) => sum + size, 0);
  for (const { from, to } of runs) {
    entries += to - from;
    for (let index = from; index < to; index++) bytes += layout.sizes[index] as number;
  }
  return { entries, bytes };
}

/**
 * Says all that the bytes of an archive depend on besides the state of the source: names, sizes, comment, contents, and
 * how entries are made.
 */
function jobFingerprint({
  layout,
  entries,
  generated: made,
}: EntryData & Pick<WriteJob, "generated">): string {
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
  const copied = `${layout.count}-${layout.size}-${crc.toString(16)}`;
  if (made?.origin === undefined) return copied;
  crc = crc32(encoder.encode(made.origin.recipe));
  for (const key of made.origin.reads()) crc = crc32(encoder.encode(key), crc);
  return `${copied}-${made.entries}-${crc.toString(16)}`;
}

const encoder = new TextEncoder();
