/** Browser APIs that TypeScript's DOM types lack. */
interface DataTransferItem {
  /** Chromium, Safari: a handle for the dropped file or folder. */
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Chromium: the files that the installed page was launched with. */
interface LaunchParams {
  readonly files: readonly FileSystemFileHandle[];
}

interface FileSystemHandle {
  /** Chromium: asks the person, where that has not been allowed. */
  requestPermission?(options: { mode: "read" | "readwrite" }): Promise<PermissionState>;
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
  showOpenFilePicker?(options?: { id?: string; multiple?: boolean }): Promise<FileSystemFileHandle[]>;
  /** Chromium only. */
  showDirectoryPicker?(options?: {
    id?: string;
    mode?: "read" | "readwrite";
    startIn?: string;
  }): Promise<FileSystemDirectoryHandle>;
}
