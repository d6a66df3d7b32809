import type { PlanOptions, TransferSelection } from "@ozx/convert";
import type { Finding, OzxErrorTag } from "@ozx/core";
import type { ChunkTaskRequest } from "@ozx/core/internal";
import type { ValidationReport } from "@ozx/core/validate";
import type { AxisRanges, WrittenTiff } from "@ozx/store-tiff/internal";
import type { SourceInput } from "../open/source-input.js";

/**
 * Messages between the page and its workers.
 *
 * @module
 */

/** A task for a worker. Files and handles are passed as they are; the worker opens them itself. */
export type Task =
  | { readonly kind: "validate"; readonly source: SourceInput; readonly deep: boolean }
  | {
      readonly kind: "save";
      readonly source: SourceInput;
      readonly options: Pick<PlanOptions, "shard" | "codec" | "pyramid">;
      /** The part to save; everything by default. */
      readonly selection?: TransferSelection | undefined;
      /** The file to write; where undefined, the result is a Blob to download under `name`. */
      readonly to: FileSystemFileHandle | undefined;
      readonly name: string;
    }
  | {
      readonly kind: "tiff";
      readonly source: SourceInput;
      /** The path of the image. */
      readonly image: string;
      readonly ranges: AxisRanges;
      readonly deflated: boolean;
      /** As for `save`. */
      readonly to: FileSystemFileHandle | undefined;
      readonly name: string;
    }
  | {
      readonly kind: "extract";
      readonly source: SourceInput;
      /** The folder in which a new folder called `name` is created. */
      readonly into: FileSystemDirectoryHandle;
      readonly name: string;
    };

/** The result of each kind of task. */
export interface TaskResults {
  readonly validate: { readonly report: ValidationReport; readonly deep: boolean };
  readonly save: TransferSummary & { readonly blob: Blob | undefined };
  readonly tiff: WrittenTiff & { readonly name: string; readonly blob: Blob | undefined };
  readonly extract: TransferSummary;
}

/** The kind of a task. */
export type TaskKind = Task["kind"];

/** The task of a kind. */
export type TaskOf<Kind extends TaskKind> = Extract<Task, { readonly kind: Kind }>;

/** What a task has written. */
export interface TransferSummary {
  /** Name of the file or folder. */
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
  readonly from: string;
  readonly to: string;
  readonly findings: readonly Finding[];
}

/** The progress of a task, in bytes read or written. */
export interface TaskProgress {
  readonly done: number;
  /** The total; 0 where it is not known. */
  readonly all: number;
}

/** A message to a worker. */
export type ToWorker =
  | { readonly type: "start"; readonly task: Task }
  | { readonly type: "cancel" }
  /** Answered with a `ChunkTaskResult`. */
  | { readonly type: "decode"; readonly request: ChunkTaskRequest };

/** A message from a worker. */
export type FromWorker =
  | { readonly type: "progress"; readonly progress: TaskProgress }
  | { readonly type: "done"; readonly result: TaskResults[Task["kind"]] }
  | { readonly type: "failed"; readonly error: SentError };

/** An error as a message between threads, which cannot carry classes. */
export interface SentError {
  readonly message: string;
  readonly tag: OzxErrorTag | undefined;
}

/** What a task runs with. */
export interface TaskContext {
  readonly signal: AbortSignal;
  onProgress(progress: TaskProgress): void;
}
