/** What browsers have and TypeScript's own description of them does not. */
interface DataTransferItem {
  /** Chromium, Safari: a handle for what was dropped. */
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Chromium: what the installed page was started with. */
interface LaunchParams {
  readonly files: readonly FileSystemFileHandle[];
}

interface Window {
  readonly launchQueue?: { setConsumer(consumer: (params: LaunchParams) => void): void };
  /** Chromium only. */
  showSaveFilePicker?(options?: {
    id?: string;
    suggestedName?: string;
    types?: readonly { description: string; accept: Readonly<Record<string, readonly string[]>> }[];
  }): Promise<FileSystemFileHandle>;
  /** Chromium only. */
  showDirectoryPicker?(options?: {
    id?: string;
    mode?: "read" | "readwrite";
    startIn?: string;
  }): Promise<FileSystemDirectoryHandle>;
}
