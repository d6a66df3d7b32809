import type {
  ChunkTaskRequest,
  Finding,
  OmeVersion,
  OzxErrorTag,
  PlanOptions,
  ValidationReport,
} from "@ozx/core";
import type { SourceInput } from "../open/source-input.js";

/**
 * What the page asks of a worker, and what it hears from it. Files and handles are given on as they are: the
 * worker opens them for itself.
 *
 * @module
 */
export type Task =
  | { readonly kind: "validate"; readonly source: SourceInput; readonly deep: boolean }
  | {
      readonly kind: "save";
      readonly source: SourceInput;
      readonly options: Pick<PlanOptions, "shard" | "codec" | "pyramid">;
      /** Where to; a Blob to be downloaded, by this name, where undefined. */
      readonly to: FileSystemFileHandle | undefined;
      readonly name: string;
    }
  | {
      readonly kind: "extract";
      readonly source: SourceInput;
      /** A new folder of this name in this one. */
      readonly into: FileSystemDirectoryHandle;
      readonly name: string;
    };

export interface TaskResults {
  readonly validate: { readonly report: ValidationReport; readonly deep: boolean };
  readonly save: TransferSummary & { readonly blob: Blob | undefined };
  readonly extract: TransferSummary;
}

export type TaskKind = Task["kind"];

export type TaskOf<Kind extends TaskKind> = Extract<Task, { readonly kind: Kind }>;

/** What was written. */
export interface TransferSummary {
  /** Of the file or folder. */
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
  readonly from: OmeVersion;
  readonly to: OmeVersion;
  readonly findings: readonly Finding[];
}

/** How far a task has come, in bytes of what it reads or writes. */
export interface TaskProgress {
  readonly done: number;
  readonly all: number;
}

export type ToWorker =
  | { readonly type: "start"; readonly task: Task }
  | { readonly type: "cancel" }
  /** Answered by a `ChunkReport`. */
  | { readonly type: "decode"; readonly order: ChunkTaskRequest };

export type FromWorker =
  | { readonly type: "progress"; readonly progress: TaskProgress }
  | { readonly type: "done"; readonly result: TaskResults[Task["kind"]] }
  | { readonly type: "failed"; readonly error: SentError };

/** An error as it goes from thread to thread, which keeps no classes. */
export interface SentError {
  readonly message: string;
  readonly tag: OzxErrorTag | undefined;
}

/** What a task is given to run with. */
export interface TaskContext {
  readonly signal: AbortSignal;
  onProgress(progress: TaskProgress): void;
}
