import { extname } from "node:path";
import { type StoreFormat, UsageError } from "@ozx/core";
import type { StoreTarget } from "@ozx/core/container";
import { formatForName } from "@ozx/core/internal";
import type { TargetNeeds } from "../plan/plan-transfer.js";
import type { Leftover } from "./leftovers.js";
import type { StagedOutput } from "./staging.js";

/** Where an output goes. Nothing is created before `open` or `stage`. */
export interface Destination extends TargetNeeds {
  /** What kind of output it is, for messages: `folder`, or the title of a format. */
  readonly title: string;
  /** What interrupted processes left of the same output; the one written last comes first. */
  readonly leftovers: readonly Leftover[];
  /** Where the output is complete already: removes what killed processes left of it that is of no use. Never throws. */
  removeStale(): Promise<void>;
  /**
   * Creates a target for one job, which is published when all of it is written.
   *
   * @throws DestinationExistsError when something is there and `overwrite` is not set
   * @throws WriteFailedError when nothing can be written there
   */
  open(): Promise<StoreTarget>;
  /**
   * Creates an output that is published in a second step, for example after it was compared with its input.
   *
   * @throws UsageError for standard output
   * @throws DestinationExistsError, WriteFailedError as `open` does
   */
  stage(): Promise<StagedOutput>;
}

/**
 * The format that the suffix of an output chooses; undefined for a folder.
 *
 * @throws UsageError when no format that can be written has the suffix
 */
export function writableFormat(path: string, formats: readonly StoreFormat[]): StoreFormat | undefined {
  const format = formatForName(path, formats);
  const suffix = suffixOf(path);
  if (format?.target !== undefined || suffix === "" || suffix === ".zarr") return format;
  const files = formats.filter((f) => f.target).flatMap((f) => f.extensions);
  throw new UsageError(
    `${path} cannot be written: ${suffix} is not a supported format; use a name that ends in ${files.join(" or ")} for one file, or in .zarr for a folder`,
  );
}

/**
 * Refuses the name of a file with a slash at its end, as in `image.ozx/`.
 *
 * @throws UsageError
 */
export function refuseSlash(name: string, formats: readonly StoreFormat[]): void {
  const file = name.replace(/[\\/]+$/, "");
  if (file === name || formatForName(file, formats)?.target === undefined) return;
  throw new UsageError(
    `${name} cannot be written: the slash at its end makes it a folder; write ${file} for one file, or use a name that ends in .zarr for a folder`,
  );
}

/** What a format requires of a hierarchy that goes into a file of this name; of a folder, where there is no format. */
export function needsOf(
  format: StoreFormat | undefined,
  path: string,
): TargetNeeds & Pick<Destination, "title"> {
  if (format === undefined) return { title: "folder", anyHierarchy: true };
  const { title, zarrFormat, largestEntry, plainExtensions = [] } = format;
  const lower = path.toLowerCase();
  const anyHierarchy = plainExtensions.some((extension) => lower.endsWith(extension));
  return { title, zarrFormat, largestEntry, anyHierarchy };
}

/** The lower-case suffix that names a format; "" for one that starts with a digit, as in `image_v0.5`. */
function suffixOf(path: string): string {
  const suffix = extname(path).toLowerCase();
  return /^\.[a-z]/.test(suffix) ? suffix : "";
}
