/** What browsers have and TypeScript's own description of them does not. */
interface DataTransferItem {
  /** Chromium, Safari: a handle for what was dropped. */
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

interface Window {
  /** Chromium only. */
  showDirectoryPicker?(options?: {
    id?: string;
    mode?: "read" | "readwrite";
    startIn?: string;
  }): Promise<FileSystemDirectoryHandle>;
}
