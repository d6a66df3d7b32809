import { collectFindings, type FindingGroup, type ReadOptions } from "@ozx/core";
import { openFileSource } from "@ozx/core/node";
import { ARCHIVE_RULES, checkArchive } from "@ozx/store-zip";

/** What is still wrong with an archive after it was mended: errors and warnings, by rule. */
export async function remainingFindings(path: string, options: ReadOptions): Promise<FindingGroup[]> {
  const source = await openFileSource(path);
  try {
    const collector = collectFindings({ rules: ARCHIVE_RULES, examples: 1 });
    for await (const finding of checkArchive(source, options)) {
      if (finding.severity !== "info") collector.add(finding, "zip");
    }
    return collector.groups();
  } finally {
    await source.close();
  }
}
