import type { LostDocument, LostOfArray, LostSummary } from "@ozx/convert";
import { formatCount, plural } from "@ozx/core/internal";

/** Positions and keys of one kind that are printed; `--json` has all of them. */
const MOST_SHOWN = 10;

/** What is lost, as lines. */
export function renderLost({ arrays, documents, others }: LostSummary): string[] {
  return [
    ...documents.map(describeDocument),
    ...arrays.flatMap(describeArray),
    ...shorten(others.map(({ key, reason }) => `${key.slice(1)}: ${reason}`)),
  ];
}

function describeDocument({ key, reason, unreachable }: LostDocument): string {
  const consequence =
    unreachable === 0
      ? "nothing else lies below it"
      : `${plural(unreachable, "entry", "entries")} below it ${unreachable === 1 ? "is" : "are"} kept, and cannot be opened without it`;
  return `${key.slice(1)}, a metadata document: ${reason}; ${consequence}`;
}

/** The chunks of an array in groups of one reason, by their positions. */
function describeArray({ path, unit, chunks }: LostOfArray): string[] {
  const byReason = new Map<string, string[]>();
  for (const { reason, position } of chunks) {
    const known = byReason.get(reason);
    if (known === undefined) byReason.set(reason, [position.join(",")]);
    else known.push(position.join(","));
  }
  return [
    `${path === "/" ? "the array" : path.slice(1)}: ${plural(chunks.length, unit)}`,
    ...shorten([...byReason].map(([reason, positions]) => `  ${shorten(positions).join("; ")} (${reason})`)),
  ];
}

function shorten(texts: readonly string[]): string[] {
  const rest = texts.length - MOST_SHOWN;
  return rest > 0 ? [...texts.slice(0, MOST_SHOWN), `… and ${formatCount(rest)} more`] : [...texts];
}

/**
 * What `--allow-damaged` has left out, as lines: how many chunks, then which of each array. None where damage was not looked
 * for.
 */
export function renderDamage(damage: readonly LostOfArray[] | undefined): string[] {
  if (damage === undefined) return [];
  const arrays = damage.flatMap((array) => describeArray(array).map((line) => `  ${line}`));
  return [`${summarizeDamage(damage)}${arrays.length === 0 ? "" : ":"}`, ...arrays];
}

/** How many chunks `convert --allow-damaged` has left out, as a sentence without its full stop. */
export function summarizeDamage(damage: readonly LostOfArray[]): string {
  const count = damage.reduce((sum, { chunks }) => sum + chunks.length, 0);
  if (count === 0) return "No chunk is damaged";
  const kinds = [...new Set(damage.map(({ unit }) => unit))].join(" or ");
  const what = kinds.includes(" ") ? `${formatCount(count)} chunks or shards` : plural(count, kinds);
  return `${what} ${count === 1 ? "is" : "are"} damaged, and became fill values`;
}
