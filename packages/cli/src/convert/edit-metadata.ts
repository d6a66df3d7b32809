import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import {
  bytesOfEdit,
  changedValues,
  type EditPlan,
  type EditRecord,
  type EditRequest,
  planEdit,
  planUndo,
  runEdit,
  stateOf,
} from "@ozx/convert";
import { readRecords, removeRecords, stageRecord } from "@ozx/convert/node";
import { type ReadOptions, type Store, UsageError } from "@ozx/core";
import { formatBytes, omeXmlKey, plural } from "@ozx/core/internal";
import { readFailure } from "@ozx/core/internal/node";
import { openPath } from "@ozx/core/node";
import { formats } from "../formats.js";
import { noteUnused, openInPlace, requireInPlace } from "../open-in-place.js";
import type { Output } from "../terminal/output.js";

interface EditOptions {
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/** Reads the JSON of `--from`; `-` is the standard input. */
export async function readMetadata(file: string): Promise<unknown> {
  const name = file === "-" ? "the standard input" : file;
  const json = await (file === "-" ? text(process.stdin) : readFile(file, "utf8")).catch((error: unknown) => {
    throw readFailure(error, name);
  });
  try {
    return JSON.parse(json);
  } catch (error) {
    // The engine's message quotes the text, lines and all.
    const reason = error instanceof Error ? `: ${error.message.replace(/\s+/g, " ")}` : "";
    throw new UsageError(`${name} is not JSON${reason}`);
  }
}

/**
 * Changes the metadata of an `.ozx` or a folder in place, and keeps what undoes it beside it.
 *
 * @throws what `openInPlace`, `planEdit` and `runEdit` throw; nothing is changed then
 */
export async function editMetadata(
  target: string,
  request: EditRequest,
  out: Output,
  { quiet, signal }: EditOptions,
): Promise<void> {
  const { store, begin, release } = await openInPlace(target, { signal });
  try {
    const plan = await planEdit(store, request, { signal });
    if (isNothing(plan)) return out.note(`${target}: nothing to change`);
    const record = await stageRecord(target, plan);
    try {
      await runEdit(plan, { store, writer: await begin({ signal, reserve: bytesOfEdit(plan) }) }, { signal });
    } catch (error) {
      await record.discard();
      throw error;
    }
    await record.keep();
    out.note(`${target}: ${summaryOf(plan)}; ozx edit ${target} --undo restores what was before`);
    await noteOmeXml(target, store, out, signal);
    for (const { channel } of hiddenChannels(request)) {
      out.note(
        `channel ${channel} is hidden: its pixels stay, as does its place in the list; ozx convert ${target} copy.ozx --c copies the others`,
      );
    }
  } finally {
    await release();
  }
  if (!quiet) await noteUnused(target, out, signal);
}

/** Says that OME-XML, which programs may prefer to the metadata of a collection, is not edited. */
async function noteOmeXml(target: string, store: Store, out: Output, signal: AbortSignal): Promise<void> {
  const key = omeXmlKey("/");
  if ((await store.getRange(key, { offset: 0, length: 1 }, { signal })) === undefined) return;
  out.note(`${key.slice(1)} in ${target} may have the same values, and stays as it is: correct it by hand`);
}

/**
 * Restores the documents before the last edit.
 *
 * @throws UsageError where no edit is known, or documents were changed after it
 */
export async function undoEdit(target: string, out: Output, { quiet, signal }: EditOptions): Promise<void> {
  const { store, begin, release } = await openInPlace(target, { signal });
  try {
    const plan = await planUndo(store, await lastRecord(target, store, { signal }), { signal });
    await runEdit(plan, { store, writer: await begin({ signal, reserve: bytesOfEdit(plan) }) }, { signal });
    await removeRecords(target);
    out.note(`${target}: the last edit is undone: ${summaryOf(plan)}`);
  } finally {
    await release();
  }
  if (!quiet) await noteUnused(target, out, signal);
}

/** The record of the last edit that was carried out, at least in part. */
async function lastRecord(target: string, store: Store, options: ReadOptions): Promise<EditRecord> {
  const records = await readRecords(target);
  for (const record of records) {
    const state = await stateOf(store, record, options);
    if (state === "after" || state === "between") return record;
  }
  const [first] = records;
  if (first !== undefined) return first;
  throw new UsageError(
    `there is no edit of ${target} to undo: .${basename(target)}.undo, which records the last one, is not beside it`,
  );
}

/**
 * Prints what an edit would change; nothing is written.
 *
 * @param request undefined for what undoing the last edit would change
 */
export async function showEdit(
  target: string,
  request: EditRequest | undefined,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const store = await openPath(target, { formats, signal });
  try {
    requireInPlace(store, target);
    const plan =
      request === undefined
        ? await planUndo(store, await lastRecord(target, store, { signal }), { signal })
        : await planEdit(store, request, { signal });
    if (isNothing(plan)) return out.data("Dry run: nothing would change.");
    out.data(["Dry run: nothing is written. What would change:", ...linesOf(plan)].join("\n"));
  } finally {
    await store.close();
  }
}

function isNothing({ documents, moves }: EditPlan): boolean {
  return documents.size === 0 && moves.length === 0;
}

function linesOf(plan: EditPlan): string[] {
  const lines: string[] = [];
  for (const { from, to } of plan.moves) lines.push(`  ${from.slice(1)} → ${to.slice(1)}`);
  let last = "";
  for (const { key, at, before, after } of changedValues(plan)) {
    if (key !== last) lines.push(`  ${key.slice(1)}`);
    last = key;
    const member = at === "" ? "the document" : at;
    if (before === undefined) lines.push(`    + ${member}: ${JSON.stringify(after)}`);
    else if (after === undefined) lines.push(`    - ${member}: ${JSON.stringify(before)}`);
    else lines.push(`    ${member}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`);
  }
  return lines;
}

function summaryOf(plan: EditPlan): string {
  const { documents, moves, moved } = plan;
  const bytes = moved.reduce((sum, { size }) => sum + size, 0);
  const wells = `moved ${plural(moves.length, "well")} (${plural(moved.length, "entry", "entries")}, ${formatBytes(bytes)})`;
  return [
    `changed ${plural(changedValues(plan).length, "value")} in ${plural(documents.size, "document")}`,
    ...(moves.length > 0 ? [wells] : []),
  ].join(", ");
}

function hiddenChannels({ edits = [] }: EditRequest) {
  return edits.flatMap(({ channels = [] }) => channels.filter(({ active }) => active === false));
}
