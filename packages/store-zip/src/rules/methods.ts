import { isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/flags.js";
import { EXTRA_AES } from "./extra-blocks.js";
import type { ArchiveFacts } from "./facts.js";
import { perEntry } from "./per-entry.js";
import type { ArchiveCheck } from "./rule.js";

/** Rules about how the data of entries is packed. */

export const zipMethod: ArchiveCheck = {
  id: "zip-method",
  level: "policy",
  severity: "error",
  title: "compression methods that every reader knows",
  help: 'Unpack it with the program that wrote it and pack it again without compression, as with "zip -0".',
  set: "zip",
  check: (facts) => {
    const { methods } = facts.archive.directory;
    return perEntry(
      facts,
      (index) =>
        methods[index] !== METHOD_STORED && methods[index] !== METHOD_DEFLATE && !isEncryptedAt(facts, index),
      ({ name, method }) => `${name} is compressed with method ${method}, which few programs can read.`,
      { moves: "data" },
    );
  },
};

/** The newest version that APPNOTE 4.4.3.2 gives a meaning, 6.3. */
const NEWEST_VERSION = 63;

export const zipVersion: ArchiveCheck = {
  id: "zip-version",
  level: "policy",
  severity: "warning",
  title: "entries that ask for a version of ZIP that exists",
  help: "Pack it again: some programs refuse entries that they think are too new for them.",
  set: "zip",
  check: (facts) => {
    const { view, starts } = facts.central;
    return perEntry(
      facts,
      (index) => view.getUint8((starts[index] as number) + 6) > NEWEST_VERSION,
      ({ name }) => `${name} asks for a newer version of ZIP than there is.`,
      { moves: "data" },
    );
  },
};

export const stored: ArchiveCheck = {
  id: "stored",
  level: "SHOULD",
  severity: "warning",
  title: "entries that are stored, not compressed",
  help: "Pack it again, which stores every entry; chunks are compressed by Zarr's own codecs.",
  set: "rfc9",
  clause: "S2",
  check: (facts) => {
    const { methods } = facts.archive.directory;
    return perEntry(
      facts,
      (index) => methods[index] === METHOD_DEFLATE,
      ({ name }) => `${name} is compressed by the archive.`,
      { moves: "data" },
    );
  },
};

export const noEncryption: ArchiveCheck = {
  id: "no-encryption",
  level: "policy",
  severity: "error",
  title: "no encrypted entries",
  help: "Decrypt the archive with the program that encrypted it and pack its content again.",
  set: "zip",
  check: (facts) =>
    perEntry(
      facts,
      (index) => isEncryptedAt(facts, index),
      ({ name }) => `${name} is encrypted.`,
      { moves: "data" },
    ),
};

export function isEncryptedAt({ archive: { directory }, central }: ArchiveFacts, index: number): boolean {
  const entry = { flags: directory.flags[index] as number, method: directory.methods[index] as number };
  return isEncrypted(entry) || ((central.extras[index] as number) & EXTRA_AES) !== 0;
}
