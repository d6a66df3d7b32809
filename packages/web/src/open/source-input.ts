import type { AbsolutePath, OpenNode, Store } from "@ozx/core";
import { isImageFile, isProjectFile } from "./image-files.js";

/** A handle of a folder where the browser has them; otherwise each file by its path below the folder. */
export type FolderContent = FileSystemDirectoryHandle | ReadonlyMap<string, File>;

/** What the user asked to open: a file, a folder, or an address. */
export type SourceInput =
  | {
      readonly kind: "file";
      readonly name: string;
      readonly file: File;
      /** Where the browser has one: by it the file can be offered again after a reload. */
      readonly handle?: FileSystemFileHandle | undefined;
      readonly inside?: InArchive;
    }
  | {
      readonly kind: "folder";
      readonly name: string;
      readonly content: FolderContent;
    }
  | { readonly kind: "url"; readonly name: string; readonly url: string; readonly inside?: InArchive };

/** The folder of an archive to open; undefined where the archive has one image. */
type InArchive = AbsolutePath | undefined;

/**
 * An open source, as every tab gets it. The session closes it when another source replaces it, so a tab must not keep
 * it after it is unmounted.
 */
export interface OpenedSource {
  /** The file's or folder's name, or the last part of the address. */
  readonly name: string;
  readonly source: SourceInput;
  readonly store: Store;
  readonly node: OpenNode;
}

/** A source that could not be opened, and why. */
export interface FailedSource {
  readonly source: SourceInput;
  readonly error: unknown;
}

/**
 * The dropped files and folders, or several as the one image that they are; none for dropped text. Call it in the
 * event handler itself: the browser clears the items afterwards.
 */
export async function droppedSources(data: DataTransfer): Promise<SourceInput[]> {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  if (items.length > 1) {
    const files = items.flatMap((each) =>
      each.webkitGetAsEntry?.()?.isDirectory ? [] : (each.getAsFile() ?? []),
    );
    const [together] = filesSources(files);
    if (together?.kind === "folder") return [together];
  }
  return (await Promise.all(items.map(droppedSource))).filter((source) => source !== undefined);
}

async function droppedSource(item: DataTransferItem): Promise<SourceInput | undefined> {
  const file = item.getAsFile();
  const entry = item.webkitGetAsEntry?.();
  const handle = await item.getAsFileSystemHandle?.().catch(() => null);
  if (handle?.kind === "directory") return folderSource(handle as FileSystemDirectoryHandle);
  if (entry?.isDirectory) {
    const content = await filesBelow(entry as FileSystemDirectoryEntry);
    return { kind: "folder", name: entry.name, content };
  }
  return file === null ? undefined : fileSource(file, handle as FileSystemFileHandle | null | undefined);
}

/** A file as a source. */
export function fileSource(file: File, handle?: FileSystemFileHandle | null): SourceInput {
  return { kind: "file", name: file.name, file, handle: handle ?? undefined };
}

/** What a handle is of; undefined where that is gone. */
export async function sourceOfHandle(handle: FileSystemHandle): Promise<SourceInput | undefined> {
  if (handle.kind === "directory") return folderSource(handle as FileSystemDirectoryHandle);
  const file = await (handle as FileSystemFileHandle).getFile().catch(() => undefined);
  return file && fileSource(file, handle as FileSystemFileHandle);
}

/** The handle of a source; undefined for addresses, and where the browser has given none. */
export function handleOf(source: SourceInput): FileSystemHandle | undefined {
  if (source.kind === "file") return source.handle;
  if (source.kind === "url" || source.content instanceof Map) return undefined;
  return source.content as FileSystemDirectoryHandle;
}

/** Files that were chosen or dropped together: several TIFFs are one image, and so is a Leica project with what it names. */
export function filesSources(files: Iterable<File>): SourceInput[] {
  const all = [...files];
  const images = all.filter(({ name }) => isImageFile(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const image = images.find(({ name }) => isProjectFile(name)) ?? images[0];
  const isOne = image !== undefined && (isProjectFile(image.name) ? all : images).length > 1;
  if (!isOne) return all.map((file) => fileSource(file));
  return [{ kind: "folder", name: image.name, content: new Map(all.map((file) => [file.name, file])) }];
}

/** A folder with a handle as a source. */
export function folderSource(handle: FileSystemDirectoryHandle): SourceInput {
  return { kind: "folder", name: handle.name, content: handle };
}

/** A folder chosen with `<input webkitdirectory>`, which gives a list of its files; none where it is empty. */
export function listedFolderSource(files: Iterable<File>): SourceInput[] {
  const content = new Map<string, File>();
  let name: string | undefined;
  for (const file of files) {
    const [folder, ...path] = file.webkitRelativePath.split("/");
    name ??= folder;
    content.set(path.join("/"), file);
  }
  return name === undefined ? [] : [{ kind: "folder", name, content }];
}

/** An address as a source, named by the last part of its path. */
export function urlSource(url: string): SourceInput {
  const name = url.split(/[?#]/, 1)[0]?.split("/").filter(Boolean).at(-1);
  return { kind: "url", name: name ?? url, url };
}

/** Every file below a dropped folder, where the browser has no handles. */
async function filesBelow(folder: FileSystemDirectoryEntry, path = ""): Promise<Map<string, File>> {
  const found = new Map<string, File>();
  const reader = folder.createReader();
  for (;;) {
    // `readEntries` returns a batch at a time; an empty one ends the list.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return found;
    for (const entry of entries) {
      const name = `${path}${entry.name}`;
      if (entry.isDirectory) {
        const below = await filesBelow(entry as FileSystemDirectoryEntry, `${name}/`);
        for (const [key, file] of below) found.set(key, file);
      } else {
        found.set(name, await fileOf(entry as FileSystemFileEntry));
      }
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
