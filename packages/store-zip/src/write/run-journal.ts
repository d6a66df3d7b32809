import {
  type ByteSink,
  createCheckpointer,
  type EntryInput,
  type JournalRecords,
  type Progress,
  type RunRange,
  sourceFingerprintOf,
  type WriteJob,
  type WriteOptions,
} from "@ozx/core/container";
import { type FinishedEntry, formatFinished, parseFinished } from "@ozx/core/internal";
import { crc32 } from "../crc32/crc32.js";
import type { EntryData } from "./write-entries.js";
import { endOfRow, type GeneratedRow, locateRows } from "./written-entries.js";

/** Records which runs of an archive are written, so that another process can write the others. */
export interface RunJournal {
  /** The runs that are not written yet. */
  readonly remaining: readonly RunRange[];
  /** The generated entries that an earlier run has written, in their order. */
  readonly generated: readonly GeneratedRow[];
  /** What earlier runs have written. */
  readonly before: Progress;
  /** Records a written run. Throws when an earlier checkpoint failed. */
  readonly finished: (run: RunRange) => void;
  /** Records a generated entry, which may not be in the sink yet. */
  added(row: GeneratedRow): void;
  /** Whether a checkpoint is due, so that everything that was added should be flushed to the sink. */
  isDue(): boolean;
  /** Reports the position up to which everything is in the sink. Throws as `finished` does. */
  reached(position: number): void;
  /** Waits for the current checkpoint. Throws as `finished` does. */
  settle(): Promise<void>;
  /** After a failure: makes a last checkpoint if the archive can be resumed. Never throws. */
  close(): Promise<void>;
}

/**
 * Starts the journal of an archive's runs, or resumes an earlier one and sets the CRCs that it has in `data.crcs`. For
 * a sink without a journal, and a source without fingerprints, nothing is recorded and all runs remain.
 *
 * @throws UsageError when the earlier journal is of another archive
 */
export async function openRunJournal(
  data: EntryData & Pick<WriteJob, "generated">,
  runs: readonly RunRange[],
  sink: ByteSink,
  { signal, onResume }: WriteOptions = {},
): Promise<RunJournal> {
  const { journal } = sink;
  const nothing = { leftover: undefined, done: { entries: 0, bytes: 0 }, isResumable: false };
  const isUnknown = data.generated !== undefined && data.generated.origin === undefined;
  if (journal === undefined || data.source.fingerprint === undefined || isUnknown) {
    if (journal?.resumes) onResume?.(nothing);
    return withoutJournal(runs);
  }
  const started = Date.now();
  let begun = false;
  const begin = async (): Promise<JournalRecords> => {
    const fingerprint = (await sourceFingerprintOf(data, { signal })) ?? { text: "" };
    // The fingerprint of a value that changes while it is copied identifies nothing.
    if (!journal.resumes && (fingerprint.newest ?? 0) >= started) {
      return { leftover: undefined, records: [] };
    }
    begun = true;
    return journal.begin({ job: jobFingerprint(data), source: fingerprint.text });
  };
  const earlier = journal.resumes ? await begin() : undefined;
  const finished = parseFinished(earlier?.records ?? []);
  const written = takeWrittenRuns(finished, runs, data);
  const copied = new Set(finished.length === 0 ? [] : data.entries.map(({ key }) => key));
  const generated = locateRows(
    finished.filter(({ key }) => !copied.has(key)),
    data.layout.directoryOffset,
    (key) => data.generated?.origin?.owns(key) ?? false,
  );
  const before = progressOf(data, written, generated);
  if (earlier !== undefined) onResume?.({ leftover: earlier.leftover, done: before, isResumable: true });
  let pending: RunRange[] = [];
  const added: GeneratedRow[] = [];
  let reached = 0;
  let useless = false;
  const checkpointer = createCheckpointer(journal, {
    async ready() {
      if (!begun) await begin();
      useless = !begun;
      return begun;
    },
    record() {
      const record: FinishedEntry[] = [];
      for (const { from, to } of pending) {
        for (let index = from; index < to; index++) record.push(entryAt(data, index));
      }
      pending = [];
      const later = added.findIndex((row) => endOfRow(row) > reached);
      const rows = added.splice(0, later < 0 ? added.length : later);
      for (const { name, size, crc } of rows) record.push({ key: `/${name}`, size, crc });
      return record.length === 0 ? undefined : formatFinished(record);
    },
  });
  return {
    remaining: runs.filter((run) => !written.has(run)),
    generated,
    before,
    finished(run) {
      pending.push(run);
      checkpointer.checkpoint();
    },
    added(row) {
      if (!useless) added.push(row);
    },
    isDue: checkpointer.isDue,
    reached(position) {
      reached = position;
      checkpointer.checkpoint();
    },
    settle: checkpointer.settle,
    close: checkpointer.close,
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

function entryAt({ entries, layout, crcs }: EntryData, index: number): FinishedEntry {
  const { key } = entries[index] as EntryInput;
  return { key, size: layout.sizes[index] as number, crc: crcs[index] as number };
}

/** The runs whose entries are all finished. Sets their CRCs. */
function takeWrittenRuns(
  finished: readonly FinishedEntry[],
  runs: readonly RunRange[],
  data: EntryData,
): ReadonlySet<RunRange> {
  const crcs = new Map(finished.map(({ key, size, crc }) => [key, { size, crc }]));
  const isWritten = ({ from, to }: RunRange): boolean => {
    for (let index = from; index < to; index++) {
      const { key, size } = entryAt(data, index);
      const found = crcs.get(key);
      if (found?.crc === undefined || found.size !== size) return false;
      data.crcs[index] = found.crc;
    }
    return true;
  };
  return new Set(finished.length === 0 ? [] : runs.filter(isWritten));
}

function progressOf(
  { layout }: EntryData,
  runs: ReadonlySet<RunRange>,
  generated: readonly GeneratedRow[],
): Progress {
  let entries = generated.length;
  let bytes = generated.reduce((sum, { size }) => sum + size, 0);
  for (const { from, to } of runs) {
    entries += to - from;
    for (let index = from; index < to; index++) bytes += layout.sizes[index] as number;
  }
  return { entries, bytes };
}

/**
 * Identifies all that the bytes of an archive depend on besides the state of the source: names, sizes, comment,
 * contents, and how entries are generated.
 */
export function jobFingerprint({
  layout,
  entries,
  generated,
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
  if (generated?.origin === undefined) return copied;
  crc = crc32(encoder.encode(generated.origin.recipe));
  for (const key of generated.origin.reads()) crc = crc32(encoder.encode(key), crc);
  return `${copied}-${generated.entries}-${crc.toString(16)}`;
}

const encoder = new TextEncoder();
