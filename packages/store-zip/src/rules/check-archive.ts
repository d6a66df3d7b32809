import type { ByteSource, Finding } from "@ozx/core";
import { ARCHIVE_CHECKS } from "./all-rules.js";
import { type CheckArchiveOptions, gatherFacts } from "./facts.js";
import { openForCheck } from "./open-for-check.js";
import { findingOf } from "./rule.js";
import { notMultipart, zipEocd } from "./structure.js";

/**
 * Everything that is wrong with an archive by RFC-9 and by the rules of ZIP itself (APPNOTE 6.3.10), in the order
 * of the rules and then of the entries. Whatever the archive holds, this does not throw for it: one that cannot be
 * opened at all is the finding `zip-eocd`, or `not-multipart` for a part of one, and nothing more.
 *
 * Findings are found as they are asked for; only what the rules look at is held.
 *
 * @throws what reading the source throws, and the signal's reason
 */
export async function* checkArchive(
  source: ByteSource,
  options: CheckArchiveOptions = {},
): AsyncGenerator<Finding> {
  const opened = await openForCheck(source, options);
  if ("error" in opened) {
    yield findingOf(opened.spanned ? notMultipart : zipEocd, { message: sentence(opened.error.message) });
    return;
  }
  const facts = await gatherFacts(opened.archive, opened.trailing, options);
  for (const rule of ARCHIVE_CHECKS) {
    options.signal?.throwIfAborted();
    for await (const breach of rule.check(facts)) yield findingOf(rule, breach);
  }
}

function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}
