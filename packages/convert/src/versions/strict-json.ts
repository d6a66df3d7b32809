import type { Finding, Hierarchy } from "@ozx/core";
import { type EntryInput, keyName } from "@ozx/core/container";
import { laxDocuments, plural, stringifyJson } from "@ozx/core/internal";

/** Entries with documents that are written again, and what is to be said about it. */
interface Settled {
  readonly entries: readonly EntryInput[];
  readonly findings: readonly Finding[];
}

/**
 * Writes documents with a bare NaN or Infinity as JSON has them: as texts, which zarr-python reads back. Entries that are
 * generated are not affected.
 */
export function withStrictJson(entries: readonly EntryInput[], hierarchy: Hierarchy): Settled {
  const strict = new Map(
    [...hierarchy.nodes.values()]
      .flatMap(laxDocuments)
      .map(({ key, document }) => [key, stringifyJson(document)] as const),
  );
  const [first] = strict.keys();
  if (first === undefined) return { entries, findings: [] };
  const settled = entries.flatMap((entry) => {
    // A copy of documents, with the same values in it.
    if (keyName(entry.key) === ".zmetadata") return [];
    const content = entry.content === entry.key ? strict.get(entry.key) : undefined;
    return [content ? { key: entry.key, size: content.length, content } : entry];
  });
  const finding: Finding = {
    rule: "strict-json",
    level: "policy",
    severity: "info",
    where: first,
    message: `${plural(strict.size, "document")} (the first is ${first.slice(1)}) had NaN or Infinity, which is no JSON: they are written as texts.`,
    help: "zarr-python reads these texts as numbers; nothing needs to be done.",
  };
  return { entries: settled, findings: [finding] };
}
