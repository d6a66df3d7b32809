import { close, closeSync, fsync, open, openSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import type { ByteSink, SharedSink, SinkJournal } from "../bytes/byte-sink.js";
import { DestinationExistsError, UsageError } from "../errors.js";
import { partialPath, refuseExisting, syncParent } from "./beside.js";
import { writeFailure } from "./failures.js";
import { addNote, journalPath, startJournal } from "./file-journal.js";
import { refuseWithoutRoom } from "./free-space.js";
import { leftPartials } from "./left-partials.js";
import { writeAll, writeAllSync } from "./write-all.js";

const openFile = promisify(open);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

export interface DestinationOptions {
  /** Replace what is at the destination; it is refused otherwise. */
  readonly overwrite?: boolean | undefined;
  /**
   * Go on with what a process that was cut short left beside the destination, and leave what is written when
   * this one is. For files only.
   */
  readonly resume?: boolean | undefined;
}

/** Least milliseconds between notes: of those who ask for it, and of all others, who should hardly notice. */
const NOTE_INTERVAL = { resume: 250, otherwise: 5000 };

/**
 * A sink that becomes the file `path` on `commit`. The bytes go to a file beside it, which is synced and
 * renamed; until then, and for good after `discard`, the destination is as it was. `discard` removes that file,
 * unless `resume` is set and there are notes to go on with.
 *
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws WriteFailedError when nothing can be written there
 */
export async function createFileSink(
  path: string,
  { overwrite = false, resume = false }: DestinationOptions = {},
): Promise<ByteSink> {
  if (!overwrite) await refuseExisting(path);
  await refuseFolder(path);
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  let partial = partialPath(path);
  let file = await openFile(partial, "wx").catch(wrap);
  let notes: number | undefined;
  let closed = false;
  const closeAll = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await closeFile(file);
    if (notes !== undefined) await closeFile(notes);
  };
  /** Takes another partial file for this one. */
  const adopt = async (left: string): Promise<void> => {
    const adopted = await openFile(left, "r+");
    await closeFile(file);
    await rm(partial, { force: true });
    [partial, file] = [left, adopted];
  };
  const journal: SinkJournal = {
    resumes: resume,
    interval: resume ? NOTE_INTERVAL.resume : NOTE_INTERVAL.otherwise,
    async begin(fingerprint) {
      try {
        const left = resume ? (await leftPartials(path)).find(({ journal }) => journal) : undefined;
        if (left?.journal !== undefined) {
          if (left.journal.fingerprint !== fingerprint) throw notTheSame(path, left.path);
          await adopt(left.path);
        }
        const earlier = left?.journal?.notes ?? [];
        notes = await startJournal(journalPath(partial), fingerprint, earlier);
        return earlier;
      } catch (error) {
        return wrap(error);
      }
    },
    async note(text) {
      if (notes === undefined) throw new TypeError("a journal takes notes once it has begun");
      try {
        await syncFile(file);
        await addNote(notes, text);
      } catch (error) {
        wrap(error);
      }
    },
  };
  return {
    name: path,
    forwardOnly: false,
    journal,
    async reserve(size) {
      // What an earlier process wrote has its room already.
      const { blocks } = await stat(partial).catch(wrap);
      await refuseWithoutRoom(path, { bytes: Math.max(0, size - blocks * 512) });
    },
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      try {
        await writeAll(file, bytes, position);
      } catch (error) {
        wrap(error);
      }
    },
    share: () => ({ name: path, path: partial }),
    async commit() {
      try {
        await syncFile(file);
        await closeAll();
        if (!overwrite) await refuseExisting(path);
        await rename(partial, path);
      } catch (error) {
        wrap(error);
      }
      await rm(journalPath(partial), { force: true }).catch(() => {});
      await syncParent(path);
    },
    async discard() {
      await closeAll().catch(() => {});
      if (resume && notes !== undefined) return;
      for (const left of [partial, journalPath(partial)]) await rm(left, { force: true }).catch(() => {});
    },
  };
}

function notTheSame(path: string, left: string): UsageError {
  return new UsageError(
    `${path} cannot be gone on with, for ${left} was begun with another input, other options, or an input that has changed since: give those again, or remove it and ${basename(journalPath(left))} to start anew`,
  );
}

/**
 * Opens what {@link createFileSink} has begun, in another thread. Its writes block, as writing is all that such
 * a thread is for; `commit` and `discard` only close it, since it is for the sink itself to say what becomes of
 * the file.
 *
 * @throws WriteFailedError when it cannot be written
 */
export function openSharedSink({ name, path }: SharedSink): ByteSink {
  const file = writing(name, () => openSync(path, "r+"));
  return {
    name,
    forwardOnly: false,
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      writing(name, () => writeAllSync(file, bytes, position));
    },
    commit: async () => closeSync(file),
    discard: async () => closeSync(file),
  };
}

function writing<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeFailure(error, name);
  }
}

async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return;
  throw new DestinationExistsError(
    `${path} is a folder, which a file cannot replace: choose another name or remove it`,
    { location: path, replaceable: false },
  );
}
