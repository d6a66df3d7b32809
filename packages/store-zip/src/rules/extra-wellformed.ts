import { crc32 } from "../crc32/crc32.js";
import { isAscii, isUtf8 } from "../directory/names.js";
import { parseExtraField } from "../records/extra-field.js";
import { viewOf } from "../records/fields.js";
import { UNICODE_PATH_ID } from "../records/unicode-path.js";
import { EXTRA_RAGGED, EXTRA_TWICE, EXTRA_UNICODE } from "./extra-blocks.js";
import type { ArchiveFacts } from "./facts.js";
import { perEntry } from "./headers.js";
import { LOCAL_RAGGED_EXTRA, LOCAL_TWICE_EXTRA } from "./inspect-local.js";
import type { ArchiveCheck } from "./rule.js";
import { rawComment, rawExtra, rawName } from "./survey-central.js";

export const extraWellformed: ArchiveCheck = {
  id: "extra-wellformed",
  level: "policy",
  severity: "warning",
  title: "extra fields that can be read in one way only",
  help: "Pack it again, which leaves out all extra fields but ZIP64's.",
  set: "zip",
  *check(facts) {
    const has = (index: number, central: number, local: number): boolean =>
      ((facts.central.extras[index] as number) & central) !== 0 ||
      ((facts.local.bits[index] as number) & local) !== 0;
    yield* perEntry(
      facts,
      (index) => has(index, EXTRA_TWICE, LOCAL_TWICE_EXTRA),
      ({ name }) => `${name} has the same extra field twice.`,
      { moves: "data" },
    );
    yield* perEntry(
      facts,
      (index) => has(index, EXTRA_RAGGED, LOCAL_RAGGED_EXTRA),
      ({ name }) => `${name} has bytes in an extra field that belong to no block.`,
      { moves: "data" },
    );
    yield* perEntry(
      facts,
      (index) => has(index, EXTRA_UNICODE, 0) && isStale(facts, index),
      ({ name }) => `${name} has a Unicode name or comment that belongs to another name or comment.`,
      { moves: "data" },
    );
  },
};

/** An Info-ZIP Unicode comment is built as the path is (APPNOTE 4.6.8, 4.6.9). */
const UNICODE_COMMENT_ID = 0x6375;

function isStale({ central }: ArchiveFacts, index: number): boolean {
  const extra = rawExtra(central, index);
  const name = rawName(central, index);
  for (const { id, data } of parseExtraField(extra)) {
    if (id !== UNICODE_PATH_ID && id !== UNICODE_COMMENT_ID) continue;
    const about = id === UNICODE_PATH_ID ? name : rawComment(central, index);
    if (data.length < 5 || data[0] !== 1 || viewOf(data).getUint32(1, true) !== crc32(about)) return true;
    const text = data.subarray(5);
    if (!isUtf8(text)) return true;
    // A text of ASCII can be written in the header itself: another one there is another name.
    if (isAscii(about) && !sameBytes(text, about)) return true;
  }
  return false;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
