import { unsafeReason } from "@ozx/core";
import {
  type CentralDirectory,
  findEntry,
  MARK_SHADOWED,
  nameAt,
  nameBytesAt,
} from "../directory/central-directory.js";
import { isAscii, isUtf8 } from "../directory/names.js";
import { parseExtraField } from "../records/extra-field.js";
import { FLAG_UTF8 } from "../records/flags.js";
import { UNICODE_PATH_ID } from "../records/unicode-path.js";
import { clashingNames } from "./clashing-names.js";
import { perEntry } from "./headers.js";
import type { ArchiveCheck } from "./rule.js";
import { rawExtra, rawName } from "./survey-central.js";

/** Rules about the names of entries. */

export const nameBackslash: ArchiveCheck = {
  id: "name-backslash",
  level: "policy",
  severity: "error",
  title: "names with slashes and no backslashes",
  help: "Pack it again with a program that writes / between folders: readers disagree about what a backslash is.",
  set: "zip",
  check: (facts) =>
    perEntry(
      facts,
      (index) => nameBytesAt(facts.archive.directory, index).includes(BACKSLASH),
      ({ name }) => `${JSON.stringify(name)} has a backslash in its name.`,
      { moves: "data" },
    ),
};

const BACKSLASH = 0x5c;
const SLASH = 0x2f;

export const nameUnsafe: ArchiveCheck = {
  id: "name-unsafe",
  level: "policy",
  severity: "error",
  title: "names that stay inside the folder they are unpacked to",
  help: "Do not unpack this file with a program that trusts names: it may have been made to deceive.",
  set: "zip",
  *check({ archive: { directory }, central }) {
    for (let index = 0; index < directory.count; index++) {
      const reason = unsafeNameReason(directory, index, rawName(central, index));
      if (reason === undefined) continue;
      const name = nameAt(directory, index);
      yield { where: `/${name}`, message: `${JSON.stringify(name)} ${reason}.` };
    }
  },
};

/** Why a name is unsafe; a backslash has a rule of its own, and what it would hide is looked for all the same. */
function unsafeNameReason(directory: CentralDirectory, index: number, raw: Uint8Array): string | undefined {
  const bytes = nameBytesAt(directory, index);
  if (bytes.length === 0) return "is an empty name";
  if (raw.includes(0)) return "has a NUL character in its name";
  if (isPlain(bytes)) return undefined;
  const name = nameAt(directory, index).replaceAll("\\", "/");
  return unsafeReason(`/${name.endsWith("/") ? name.slice(0, -1) : name}`);
}

/** Whether no byte is what an unsafe name needs: nearly all names can be waved through without being decoded. */
function isPlain(bytes: Uint8Array): boolean {
  let before = SLASH;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20 || byte === BACKSLASH || byte === COLON) return false;
    if (before === SLASH && (byte === DOT || byte === SLASH)) return false;
    before = byte;
  }
  return true;
}

const DOT = 0x2e;
const COLON = 0x3a;

export const nameUtf8: ArchiveCheck = {
  id: "name-utf8",
  level: "policy",
  severity: "error",
  title: "names that are the UTF-8 they claim to be",
  help: "Pack it again with a program that writes names in UTF-8.",
  set: "zip",
  check: (facts) =>
    perEntry(
      facts,
      (index) =>
        ((facts.archive.directory.flags[index] as number) & FLAG_UTF8) !== 0 &&
        !isAsciiOrUtf8(rawName(facts.central, index)),
      ({ name }) => `${JSON.stringify(name)} claims to be UTF-8 and is not.`,
      { moves: "data" },
    ),
};

export const nameEncoding: ArchiveCheck = {
  id: "name-encoding",
  level: "policy",
  severity: "warning",
  title: "names marked as UTF-8 where they are more than ASCII",
  help: "Pack it again: without general purpose bit 11 every program guesses the encoding of such a name.",
  set: "rfc9",
  check: (facts) =>
    perEntry(
      facts,
      (index) =>
        ((facts.archive.directory.flags[index] as number) & FLAG_UTF8) === 0 &&
        !isAscii(rawName(facts.central, index)),
      (entry) => {
        const extra = parseExtraField(rawExtra(facts.central, entry.index));
        const isTold = [...extra].some(({ id }) => id === UNICODE_PATH_ID);
        const also = isTold ? " but in an extra field" : "";
        return `${JSON.stringify(entry.name)} does not say${also} that its name is UTF-8.`;
      },
      { moves: "data" },
    ),
};

function isAsciiOrUtf8(bytes: Uint8Array): boolean {
  return isAscii(bytes) || isUtf8(bytes);
}

export const nameCase: ArchiveCheck = {
  id: "name-case",
  level: "policy",
  severity: "warning",
  title: "names that differ by more than case",
  help: "Rename one of them: on many systems they cannot be unpacked beside each other.",
  set: "zip",
  *check({ archive: { directory } }) {
    for (const [first, second] of clashingNames(directory)) {
      const [a, b] = [nameAt(directory, first), nameAt(directory, second)];
      yield {
        where: `/${b}`,
        message: `${JSON.stringify(a)} and ${JSON.stringify(b)} are the same file on many systems.`,
        moves: "data",
      };
    }
  },
};

export const duplicates: ArchiveCheck = {
  id: "duplicates",
  level: "policy",
  severity: "warning",
  title: "no name twice",
  help: 'Let "ozx fix" take the earlier ones out of the directory: readers disagree about which of them counts.',
  set: "zip",
  *check({ archive: { directory }, documents }) {
    const { marks, sizes, crcs } = directory;
    if (!marks.some((mark) => (mark & MARK_SHADOWED) !== 0)) return;
    const isDocument = new Set(documents.listed.map(({ index }) => index));
    for (let index = 0; index < directory.count; index++) {
      if (((marks[index] as number) & MARK_SHADOWED) === 0) continue;
      const name = nameAt(directory, index);
      const final = findEntry(directory, name)?.index ?? index;
      const differs = sizes[index] !== sizes[final] || crcs[index] !== crcs[final];
      const breach = { where: `/${name}`, moves: "tail" } as const;
      if (differs && isDocument.has(index)) {
        yield {
          ...breach,
          severity: "error",
          message: `${name} stands twice in the archive, with different content.`,
        };
      } else {
        yield {
          ...breach,
          message: `${JSON.stringify(name)} stands twice in the archive${differs ? ", with different content" : ""}.`,
        };
      }
    }
  },
};
