import { unsafeReason } from "@ozx/core/container";
import { unportableReason } from "@ozx/core/internal";
import {
  findEntry,
  isAscii,
  isUtf8,
  MARK_RENAMED,
  MARK_SHADOWED,
  nameAt,
} from "../directory/central-directory.js";
import { parseExtraField, UNICODE_PATH_ID } from "../records/extra-fields.js";
import { FLAG_UTF8 } from "../records/fields.js";
import { type ArchiveCheck, perEntry } from "./archive-rule.js";
import { withoutSlash } from "./clash-rules.js";
import type { CheckContext } from "./scan-archive.js";
import {
  NAME_BACKSLASH,
  NAME_NOT_ASCII,
  NAME_ODD,
  NAME_SUSPICIOUS,
  rawExtra,
  rawName,
} from "./scan-central.js";

/**
 * Rules about the names of entries.
 *
 * @module
 */

export const nameBackslash: ArchiveCheck = {
  id: "name-backslash",
  level: "policy",
  severity: "error",
  title: "names without backslashes",
  help: "Pack it again with a program that writes / between folders: readers disagree on the meaning of a backslash.",
  set: "zip",
  *check(context) {
    yield* perEntry(
      context,
      (index) => ((context.names[index] as number) & NAME_BACKSLASH) !== 0,
      ({ name }) => `${JSON.stringify(name)} has a backslash in its name.`,
    );
    const { marks } = context.archive.directory;
    yield* perEntry(
      context,
      (index) =>
        ((marks[index] as number) & MARK_RENAMED) !== 0 &&
        rawName(context.central, index).includes(BACKSLASH) &&
        ((context.names[index] as number) & NAME_BACKSLASH) === 0,
      ({ name }) =>
        `${JSON.stringify(name)} has backslashes between its folders, as Windows PowerShell 5.1 writes them, and is read with slashes.`,
      { severity: "warning", moves: "data" },
    );
  },
};

export const nameUnsafe: ArchiveCheck = {
  id: "name-unsafe",
  level: "policy",
  severity: "error",
  title: "names that stay inside the folder they are unpacked to",
  help: "Do not unpack this file with a program that trusts names: it may have been crafted to deceive.",
  set: "zip",
  *check({ archive: { directory }, central, names }) {
    for (let index = 0; index < directory.count; index++) {
      const isRenamed = ((directory.marks[index] as number) & MARK_RENAMED) !== 0;
      if (((names[index] as number) & NAME_SUSPICIOUS) === 0 && !isRenamed) continue;
      const name = nameAt(directory, index);
      const reason = rawName(central, index).includes(0) ? "has a NUL character in its name" : unsafe(name);
      if (reason !== undefined) yield { where: `/${name}`, message: `${JSON.stringify(name)} ${reason}.` };
    }
  },
};

/** Why a name is unsafe. Backslashes have their own rule and count as slashes here. */
function unsafe(name: string): string | undefined {
  if (name === "") return "is an empty name";
  const slashed = name.replaceAll("\\", "/");
  return unsafeReason(`/${slashed.endsWith("/") ? slashed.slice(0, -1) : slashed}`);
}

export const nameUtf8: ArchiveCheck = {
  id: "name-utf8",
  level: "policy",
  severity: "error",
  title: "names in UTF-8 where they are marked as UTF-8",
  help: "Pack it again with a program that writes names in UTF-8.",
  set: "zip",
  check: (context) =>
    perEntry(
      context,
      (index) =>
        ((context.archive.directory.flags[index] as number) & FLAG_UTF8) !== 0 &&
        mayBeNotAscii(context, index) &&
        !isUtf8(rawName(context.central, index)),
      ({ name }) => `${JSON.stringify(name)} is marked as UTF-8 but is not.`,
      { moves: "data" },
    ),
};

export const nameEncoding: ArchiveCheck = {
  id: "name-encoding",
  level: "policy",
  severity: "warning",
  title: "names marked as UTF-8 where they are not ASCII",
  help: "Pack it again: without general purpose bit 11, programs guess the encoding of such a name.",
  set: "rfc9",
  check: (context) =>
    perEntry(
      context,
      (index) =>
        ((context.archive.directory.flags[index] as number) & FLAG_UTF8) === 0 &&
        mayBeNotAscii(context, index) &&
        !isAscii(rawName(context.central, index)),
      (entry) => {
        const extra = parseExtraField(rawExtra(context.central, entry.index));
        const hasUnicodePath = [...extra].some(({ id }) => id === UNICODE_PATH_ID);
        const exception = hasUnicodePath ? " except in an extra field" : "";
        return `${JSON.stringify(entry.name)} is not marked as UTF-8${exception}.`;
      },
      { moves: "data" },
    ),
};

/** Whether the name in the file may not be ASCII; that of a renamed entry is not known. */
function mayBeNotAscii({ archive: { directory }, names }: CheckContext, index: number): boolean {
  const isRenamed = ((directory.marks[index] as number) & MARK_RENAMED) !== 0;
  return isRenamed || ((names[index] as number) & NAME_NOT_ASCII) !== 0;
}

export const namePortable: ArchiveCheck = {
  id: "name-portable",
  level: "policy",
  severity: "warning",
  title: "names that are the same on every system",
  help: "Rename it and pack the archive again: some systems refuse such a name, or take it for another one.",
  set: "zip",
  *check({ archive: { directory }, names }) {
    for (let index = 0; index < directory.count; index++) {
      if (((names[index] as number) & NAME_ODD) === 0) continue;
      const name = nameAt(directory, index);
      const reason = unportableReason(`/${withoutSlash(name)}`);
      if (reason !== undefined) yield { where: `/${name}`, message: `${JSON.stringify(name)} ${reason}.` };
    }
  },
};

export const duplicates: ArchiveCheck = {
  id: "duplicates",
  level: "policy",
  severity: "warning",
  title: "unique names",
  help: 'Remove the earlier entries from the directory with "ozx fix": readers disagree on which one they use.',
  set: "zip",
  *check({ archive: { directory } }) {
    const { marks, sizes, crcs } = directory;
    if (!marks.some((mark) => (mark & MARK_SHADOWED) !== 0)) return;
    for (let index = 0; index < directory.count; index++) {
      if (((marks[index] as number) & MARK_SHADOWED) === 0) continue;
      const name = nameAt(directory, index);
      const final = findEntry(directory, name)?.index ?? index;
      const differs = sizes[index] !== sizes[final] || crcs[index] !== crcs[final];
      yield {
        where: `/${name}`,
        message: `${JSON.stringify(name)} is in the archive twice${differs ? ", with different content" : ""}.`,
        moves: "tail",
        ...(differs && { severity: "error" }),
      };
    }
  },
};

const BACKSLASH = 0x5c;
