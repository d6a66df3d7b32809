/**
 * A file in the page's own storage, on the disk, to write what is to be downloaded: a Blob that large would fill
 * the browser's memory. Undefined where the browser lets no page write there.
 */
export async function scratchFile(): Promise<FileSystemFileHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    await removeOld(folder);
    const file = await folder.getFileHandle(`${crypto.randomUUID()}.ozx`, { create: true });
    return "createWritable" in file ? file : undefined;
  } catch {
    return undefined;
  }
}

const FOLDER = "downloads";
/** Nobody says when a download has ended; by then it has. */
const OLD = 6 * 60 * 60 * 1000;

async function removeOld(folder: FileSystemDirectoryHandle): Promise<void> {
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind !== "file") continue;
    const { lastModified } = await (handle as FileSystemFileHandle).getFile();
    if (Date.now() - lastModified > OLD) await folder.removeEntry(name).catch(() => {});
  }
}
