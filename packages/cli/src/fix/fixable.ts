import {
  type ByteSource,
  findFormat,
  formatForName,
  isOzxError,
  type ReadOptions,
  type StoreFormat,
  UsageError,
} from "@ozx/core";
import { openFileSource } from "@ozx/core/node";
import { type FixPlan, type FixStep, planFix } from "@ozx/store-zip";
import { formats } from "../formats.js";

/** An archive, and what can be mended in it. */
export interface Fixable {
  readonly source: ByteSource;
  readonly format: WritableFormat;
  readonly plan: FixPlan;
  /** What `tailOnly` leaves out of the plan. */
  readonly left: readonly FixStep[];
}

export type WritableFormat = StoreFormat & Required<Pick<StoreFormat, "target">>;

export interface FixableOptions extends ReadOptions {
  /** Leave out what needs data moved. */
  readonly tailOnly: boolean;
}

/**
 * Opens an archive and finds out what can be mended. Whoever calls it closes the source.
 *
 * @throws NotFoundError, UnreadableError when it cannot be read
 * @throws InvalidArchiveError, UnsupportedError when nobody can mend it
 */
export async function openFixable(path: string, options: FixableOptions): Promise<Fixable> {
  const source = await openFileSource(path);
  try {
    const plan = await planFix(source, { signal: options.signal }).catch(async (error: unknown) => {
      // What is no archive at all is told in the words of the other commands.
      if (isOzxError(error, "InvalidArchive")) {
        await findFormat(source, { formats, signal: options.signal });
      }
      throw error;
    });
    const format = writableFormat();
    if (!options.tailOnly) return { source, format, plan, left: [] };
    const left = plan.steps.filter(({ moves }) => moves !== "tail");
    return { source, format, plan: tailOf(plan), left };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function tailOf({ steps }: FixPlan): FixPlan {
  const inTail = steps.filter(({ moves }) => moves === "tail");
  return { steps: inTail, kind: inTail.length > 0 ? "tail" : "nothing" };
}

/** The format that a mended archive is written in. */
function writableFormat(): WritableFormat {
  const found = formats.find(isWritable);
  if (found === undefined) throw new UsageError("no format that can be written is known");
  return found;
}

function isWritable(format: StoreFormat): format is WritableFormat {
  return format.target !== undefined;
}

/**
 * Throws `UsageError` for outputs that are no archive by their name.
 */
export function refuseOtherOutput(output: string): void {
  const format = formatForName(output, formats);
  if (format !== undefined && isWritable(format)) return;
  const suffixes = formats.filter(isWritable).flatMap(({ extensions }) => extensions);
  throw new UsageError(
    `fix writes an archive, and ${output} is none by its name: end it in ${suffixes.join(" or ")}`,
  );
}
