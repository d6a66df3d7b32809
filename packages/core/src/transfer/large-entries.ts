import type { Finding } from "../findings.js";
import { formatBytes, plural } from "../format/quantities.js";
import type { EntryInput, EntryProducer } from "../store/target.js";

/** Tells of entries that not every reader of the container finds; undefined where there are none. */
export function largeEntriesFinding(
  entries: readonly EntryInput[],
  made: EntryProducer | undefined,
  limit: number | undefined,
): Finding | undefined {
  if (limit === undefined) return undefined;
  const large = entries.filter(({ size }) => size > limit);
  const largest = large.reduce<EntryInput | undefined>((a, b) => (a && a.size >= b.size ? a : b), undefined);
  const madeSize = made?.largest ?? 0;
  if (largest === undefined && madeSize <= limit) return undefined;
  const what =
    largest === undefined
      ? `Entries of about ${formatBytes(madeSize)} are made`
      : `${plural(large.length, "entry is", "entries are")} larger than 4 GiB, as ${largest.key.slice(1)} of ${formatBytes(largest.size)}`;
  return {
    rule: "large-entry",
    level: "policy",
    severity: "warning",
    where: largest?.key ?? "/",
    message: `${what}: tensorstore (0.1.86) does not see entries of more than 4 GiB in a zip, and reads the fill value instead.`,
    help: "Ask for smaller shards with --shard, where tensorstore is to read them.",
  };
}
