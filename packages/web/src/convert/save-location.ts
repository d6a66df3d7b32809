import { withoutImageSuffix } from "@ozx/core/internal";

/** What a file is called in the browser's dialog, and the extensions of its name by its media type. */
export interface FileKind {
  readonly description: string;
  readonly accept: Readonly<Record<string, readonly string[]>>;
}

export const OZX_FILE: FileKind = {
  description: "OME-Zarr in one file",
  accept: { "application/zip": [".ozx"] },
};

export const TIFF_FILE: FileKind = { description: "OME-TIFF", accept: { "image/tiff": [".tif", ".tiff"] } };

/**
 * Asks the user for a file to write; undefined where the browser does not let pages write files.
 *
 * @param name the suggested name
 * @throws DOMException where the browser refuses to show the dialog
 */
export async function chooseFile(
  name: string,
  kind: FileKind,
): Promise<FileSystemFileHandle | undefined | "cancelled"> {
  if (window.showSaveFilePicker === undefined) return undefined;
  const chosen = window.showSaveFilePicker({ id: "ozx-save", suggestedName: name, types: [kind] });
  return chosen.catch(unlessCancelled("cancelled" as const));
}

/** Whether the browser lets pages ask for the file to write; otherwise they download it. */
export function canChooseFile(): boolean {
  return window.showSaveFilePicker !== undefined;
}

/** Whether the browser lets pages write folders. */
export function canChooseFolder(): boolean {
  return window.showDirectoryPicker !== undefined;
}

/** Asks the user for a folder to write into; undefined where the dialog is cancelled. */
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

/** Removes a file that nothing was written to: the browser creates it as soon as a name is chosen. */
export async function removeIfEmpty(
  handle: FileSystemFileHandle & { remove?(): Promise<void> },
): Promise<void> {
  const { size } = await handle.getFile();
  if (size === 0) await handle.remove?.();
}

/** Downloads a Blob under a name. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The URL must exist until the browser has started to read it, which it does not report.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A name without its suffix; `image` where nothing is left. */
export function baseName(name: string): string {
  return withoutImageSuffix(name) || "image";
}
