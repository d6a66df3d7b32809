import type { OpenNode, Store } from "@ozx/core";

/** What a user gave us to open: a file, a folder, or an address. */
export type SourceInput =
  | { readonly kind: "file"; readonly name: string; readonly file: File }
  | {
      readonly kind: "folder";
      readonly name: string;
      /** A handle where the browser has them; otherwise the files, each with its path below the folder. */
      readonly content: FileSystemDirectoryHandle | ReadonlyMap<string, File>;
    }
  | { readonly kind: "url"; readonly name: string; readonly url: string };

/**
 * What every tab gets: the source, open for reading. Closed by the session once another one replaces it, so tabs
 * keep nothing of it beyond their own life.
 */
export interface OpenedSource {
  /** The file's or folder's name, or the last part of the address. */
  readonly name: string;
  readonly source: SourceInput;
  readonly store: Store;
  readonly node: OpenNode;
}

/** A source that could not be opened, for what can be said about it all the same. */
export interface FailedSource {
  readonly source: SourceInput;
  readonly error: unknown;
}
