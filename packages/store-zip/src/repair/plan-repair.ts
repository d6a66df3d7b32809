import {
  type ByteSource,
  InvalidArchiveError,
  isOzxError,
  type ReadOptions,
  UnsupportedError,
} from "@ozx/core";
import type { ArchiveCheck, Violation } from "../rules/archive-rule.js";
import { ARCHIVE_CHECKS } from "../rules/archive-rules.js";
import { openForCheck } from "../rules/check-archive.js";
import { type CheckContext, scanArchive } from "../rules/scan-archive.js";
import { BY_DATA, BY_DATA_STRICTLY, BY_TAIL } from "./repairable-rules.js";

/** One thing to repair. */
export interface RepairStep {
  /** The id of the rule that it satisfies. */
  readonly rule: string;
  /** What is wrong, as sentences. */
  readonly message: string;
  /** `tail`: by rewriting the end of the file; `data`: by writing a new file. */
  readonly moves: "tail" | "data";
}

/** What {@link planRepair} found. */
export interface RepairPlan {
  readonly steps: readonly RepairStep[];
  /** `tail` when no step moves data, so that the file can be repaired in place by `repairTail`. */
  readonly kind: "nothing" | "tail" | "rewrite";
}

/** The options of {@link planRepair}. */
export interface PlanRepairOptions extends ReadOptions {
  /** Also plan what RFC-9 recommends in only one interpretation, and what only wastes space. */
  readonly strict?: boolean | undefined;
}

/**
 * Plans what can be repaired in an archive, and whether data must be moved for it. What is not in the plan, such as
 * corrupt data or a missing `zarr.json`, only the writer of the archive can repair. Steps that move data need a new
 * file; plan a conversion to learn whether it can be written.
 *
 * @throws InvalidArchiveError when it cannot be opened, or its headers contradict each other, so that its content is
 * not known
 * @throws CorruptDataError when metadata does not match its checksum; data is not read
 * @throws UnsupportedError when an entry is encrypted
 */
export async function planRepair(source: ByteSource, options?: PlanRepairOptions): Promise<RepairPlan> {
  const context = await contextForRepair(source, options);
  const steps: RepairStep[] = [];
  for (const rule of ARCHIVE_CHECKS) {
    for (const moves of ["tail", "data"] as const) {
      if (!isRepairable(rule.id, moves, options?.strict === true)) continue;
      const step = await stepOf(rule, moves, context);
      if (step !== undefined) steps.push(step);
    }
  }
  const kind = steps.some(({ moves }) => moves === "data")
    ? "rewrite"
    : steps.length > 0
      ? "tail"
      : "nothing";
  return { steps, kind };
}

/** Opens an archive and reads what a repair needs. Throws as {@link planRepair} does. */
export async function contextForRepair(source: ByteSource, options?: ReadOptions): Promise<CheckContext> {
  const opened = await openForCheck(source, options);
  if ("error" in opened) throw opened.error;
  const context = await scanArchive(opened.archive, opened.trailing, options ?? {});
  for (const rule of ARCHIVE_CHECKS) {
    if (!REFUSED.has(rule.id)) continue;
    for await (const { message, severity, where, help } of rule.check(context)) {
      if ((severity ?? rule.severity) !== "error") continue;
      throw cannotRepair({ ...rule, help: help ?? rule.help }, source.name, message, where);
    }
  }
  const corrupt = context.hierarchy.broken.find(({ error }) => isOzxError(error, "CorruptData"));
  if (corrupt !== undefined) throw corrupt.error;
  return context;
}

/** Rules whose violation means that the archive's content is not known. */
const REFUSED = new Set(["not-multipart", "zip-overlap", "zip-lfh-match", "zip-sizes", "no-encryption"]);

function cannotRepair(rule: ArchiveCheck, location: string, message: string, where = "/"): Error {
  const text = `${location} cannot be repaired. ${message} ${rule.help}`;
  const position = { location, path: where };
  if (rule.id === "no-encryption") return new UnsupportedError(text, { ...position, feature: "encryption" });
  return new InvalidArchiveError(text, position);
}

function isRepairable(rule: string, moves: "tail" | "data", strict: boolean): boolean {
  if (moves === "tail") return BY_TAIL.has(rule);
  return (strict ? BY_DATA_STRICTLY : BY_DATA).has(rule);
}

async function stepOf(
  rule: ArchiveCheck,
  moves: "tail" | "data",
  context: CheckContext,
): Promise<RepairStep | undefined> {
  let first: Violation | undefined;
  let more = 0;
  for await (const violation of rule.check(context)) {
    if (violation.moves !== moves) continue;
    if (first === undefined) first = violation;
    else more++;
  }
  if (first === undefined) return undefined;
  const others = more === 0 ? "" : ` The same applies to ${more} more.`;
  return { rule: rule.id, message: `${first.message}${others}`, moves };
}
