import { type ByteSink, blobSink, fileHandleSink } from "@ozx/core/container";

/** The file that a task writes: the chosen one, or one to download. */
export interface OutputFile {
  /** Starts to write. */
  open(): Promise<ByteSink>;
  /** What was written, once the sink is committed: the name of the file, and its content where it is to be downloaded. */
  result(): Promise<{ readonly name: string; readonly blob: Blob | undefined }>;
}

/**
 * The output of a task.
 *
 * @param name of the file to download
 * @param to the chosen file; undefined to download it
 * @param type the media type of a file to download
 * @param openMemory makes the sink where the browser lets pages write no files at all; in order by default
 */
export async function outputFor(
  name: string,
  to: FileSystemFileHandle | undefined,
  type: string,
  openMemory: typeof blobSink = blobSink,
): Promise<OutputFile> {
  const file = to ?? (await scratchFile(name.slice(name.lastIndexOf("."))));
  const memory = openMemory(name, type);
  return {
    open: async () => (file === undefined ? memory : fileHandleSink(file)),
    async result() {
      if (to !== undefined) return { name: to.name, blob: undefined };
      return { name, blob: (await file?.getFile()) ?? memory.blob() };
    },
  };
}

/**
 * A file on disk, in the page's private storage, for a download: a large Blob would fill the browser's memory.
 * Undefined where the browser does not let pages write there.
 */
async function scratchFile(extension: string): Promise<FileSystemFileHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    await removeOld(folder);
    const file = await folder.getFileHandle(crypto.randomUUID() + extension, { create: true });
    return "createWritable" in file ? file : undefined;
  } catch {
    return undefined;
  }
}

const FOLDER = "downloads";
/** Milliseconds. The browser does not report the end of a download; after six hours it is taken as finished. */
const MAX_AGE = 6 * 60 * 60 * 1000;

async function removeOld(folder: FileSystemDirectoryHandle): Promise<void> {
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind !== "file") continue;
    const { lastModified } = await (handle as FileSystemFileHandle).getFile();
    if (Date.now() - lastModified > MAX_AGE) await folder.removeEntry(name).catch(() => {});
  }
}
