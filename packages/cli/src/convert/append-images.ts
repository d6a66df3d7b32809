import { type AppendPlan, planAppend, planAppendAlong, runAppend } from "@ozx/convert";
import type { Store } from "@ozx/core";
import type { EntryWriter } from "@ozx/core/container";
import {
  formatBytes,
  formatFirst,
  formatSeconds,
  plural,
  redactAddress,
  stringifyJson,
} from "@ozx/core/internal";
import { createChunkWorkers, openPath } from "@ozx/core/node";
import { formats } from "../formats.js";
import { noteUnused, openInPlace } from "../open-in-place.js";
import type { InputOpening } from "../options/http-options.js";
import type { Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { renderFields } from "../terminal/text-layout.js";
import { nameOfInputs, openInputs, type PlacedInput } from "./merge-inputs.js";

/** What `ozx append` is asked for. */
export interface AppendRequest {
  /** The path of a plate or collection. */
  readonly target: string;
  readonly placed: readonly PlacedInput[];
  /** The axis along which the target is continued by the only input; undefined where images are added to it. */
  readonly along?: string | undefined;
  readonly quiet: boolean;
  readonly http: InputOpening;
}

/**
 * Adds images to a plate or collection in place, with progress on the terminal.
 *
 * @throws what `openInPlace`, `planAppend` and `runAppend` throw; the target is unchanged then
 */
export async function appendImages(request: AppendRequest, out: Output, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { target, quiet } = request;
  const { store, begin, release } = await openInPlace(target, { signal });
  try {
    const added = await withPlan(store, request, signal, async (plan) => {
      for (const { message } of plan.transfer.findings) out.note(message);
      const progress = createProgress(process.stderr, { verb: "Appending", bytes: plan.transfer.bytes });
      let written = { entries: plan.transfer.entries.length, bytes: plan.transfer.bytes };
      try {
        // In an archive all documents change at once.
        if (store.format === "directory" && plan.before !== undefined) {
          await writeBefore(plan, await begin({ signal }), signal);
        }
        await runAppend(plan, await begin({ signal }), {
          signal,
          onProgress(done) {
            written = done;
            if (!quiet) progress.update(done);
          },
        });
      } finally {
        progress.clear();
      }
      return { ...written, images: plan.images };
    });
    const size = `${plural(added.entries, "entry", "entries")}, ${formatBytes(added.bytes)}`;
    const seconds = formatSeconds((performance.now() - started) / 1000);
    const what =
      request.along === undefined
        ? formatFirst(
            added.images.map(({ path }) => path.slice(1)),
            MOST_NAMES,
          )
        : `${nameOfInputs(request.placed)} along ${request.along}`;
    out.note(`${target}: added ${what} (${size}), ${seconds}`);
  } finally {
    await release();
  }
  if (!quiet) await noteUnused(target, out, signal);
}

/** Writes the documents that must be there before the others change. */
async function writeBefore({ before }: AppendPlan, writer: EntryWriter, signal: AbortSignal): Promise<void> {
  try {
    for (const [key, document] of before ?? [])
      await writer.add({ key, bytes: stringifyJson(document) }, { signal });
    await writer.commit({ signal });
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** Prints what would be added; nothing is written. */
export async function showAppend(request: AppendRequest, out: Output, signal: AbortSignal): Promise<void> {
  const store = await openPath(request.target, { formats, signal });
  try {
    await withPlan(store, request, signal, async ({ images, transfer, documents }) => {
      for (const { message } of transfer.findings) out.note(message);
      const fields = [
        ["Target", request.target],
        ...images.map(({ path, name }) => [path.slice(1) || "Image", redactAddress(name)] as const),
        ["Added", `${plural(transfer.entries.length, "entry", "entries")}, ${formatBytes(transfer.bytes)}`],
        ["Rewritten", [...documents.keys()].map((key) => key.slice(1)).join(", ")],
      ] as const;
      out.data(
        ["Dry run: nothing is written. The plan:", ...renderFields(fields).map((line) => `  ${line}`)].join(
          "\n",
        ),
      );
    });
  } finally {
    await store.close();
  }
}

/** Opens the inputs, and closes them when the work with their plan is done. */
async function withPlan<Result>(
  store: Store,
  { target, placed, along, http }: AppendRequest,
  signal: AbortSignal,
  work: (plan: AppendPlan) => Promise<Result>,
): Promise<Result> {
  const workers = createChunkWorkers();
  try {
    const inputs = await openInputs(placed, { output: target, http }, { workers, signal });
    try {
      const [first] = inputs;
      const options = { signal, workers };
      return await work(
        along === undefined || first === undefined
          ? await planAppend(store, inputs, options)
          : await planAppendAlong(store, first.store, along, options),
      );
    } finally {
      await Promise.all(inputs.map((input) => input.store.close()));
    }
  } finally {
    await workers.close();
  }
}

/** The largest number of images that a line names. */
const MOST_NAMES = 3;
