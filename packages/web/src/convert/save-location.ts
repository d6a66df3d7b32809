/**
 * Asks the person for a file to write. Undefined where the browser lets no page write files: it is downloaded then.
 *
 * @throws DOMException where the browser refuses
 */
export async function chooseFile(name: string): Promise<FileSystemFileHandle | undefined | "cancelled"> {
  if (window.showSaveFilePicker === undefined) return undefined;
  const types = [{ description: "OME-Zarr in one file", accept: { "application/zip": [".ozx"] } }] as const;
  const chosen = window.showSaveFilePicker({ id: "ozx-save", suggestedName: name, types });
  return chosen.catch(unlessCancelled("cancelled" as const));
}

export function canChooseFolder(): boolean {
  return window.showDirectoryPicker !== undefined;
}

/** Asks the person for a folder to write into; undefined where they think better of it. */
export async function chooseFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  const chosen = window.showDirectoryPicker?.({ id: "ozx-extract", mode: "readwrite" });
  return chosen?.catch(unlessCancelled(undefined));
}

function unlessCancelled<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof DOMException && error.name === "AbortError") return value;
    throw error;
  };
}

/** Removes the empty file that the browser makes as soon as a name is chosen, where nothing was written to it. */
export async function removeIfEmpty(
  handle: FileSystemFileHandle & { remove?(): Promise<void> },
): Promise<void> {
  const { size } = await handle.getFile();
  if (size === 0) await handle.remove?.();
}

/** Hands a Blob to the browser's downloads. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The browser has begun to read it by then; until then it must be there.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A file's or folder's name without what says its kind: `cells` for `cells.ome.zarr` and `cells.ozx`. */
export function baseName(name: string): string {
  return name.replace(/(\.ome)?\.(ozx|zip|zarr)$/i, "") || "image";
}
