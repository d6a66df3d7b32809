import type { ByteSource, Hierarchy, ReadOptions } from "@ozx/core";
import type { ZipArchive } from "../read/archive.js";
import { type DocumentFacts, listDocuments } from "../rfc9/placed-documents.js";
import { type CommentFacts, readCommentFacts } from "./comment-facts.js";
import { listOthers } from "./list-others.js";
import { readDocuments } from "./read-documents.js";
import { type CentralFacts, surveyCentral } from "./survey-central.js";
import { type LocalFacts, surveyLocal } from "./survey-local.js";
import { surveyNames } from "./survey-names.js";

/** How far a check has come. */
export interface CheckProgress {
  readonly entries: number;
  readonly bytes: number;
}

export interface CheckArchiveOptions extends ReadOptions {
  /** The CRC of every entry is checked too, which reads the whole archive. */
  readonly deep?: boolean;
  /** The file's name, which RFC-9 has a word about; the source's own by default. */
  readonly name?: string;
  /** Entries whose headers (and, with `deep`, data) were looked at, and bytes of data. */
  readonly onProgress?: (done: CheckProgress) => void;
}

/** All that the rules look at, read once before the first of them is asked. */
export interface ArchiveFacts {
  /** The archive's own bytes: what follows its end is left out. */
  readonly source: ByteSource;
  /** Bytes that follow the archive's end. */
  readonly trailing: number;
  readonly archive: ZipArchive;
  readonly central: CentralFacts;
  readonly local: LocalFacts;
  /** The `NAME_` bits of each entry. */
  readonly names: Uint8Array;
  readonly documents: DocumentFacts;
  /** Entries that are neither metadata nor below an array, in the order of the directory. */
  readonly others: readonly number[];
  /** The nodes of Zarr v3 and v2 in it, as far as they can be read. */
  readonly hierarchy: Hierarchy;
  readonly comment: CommentFacts;
  readonly options: CheckArchiveOptions;
}

/** Reads what the rules look at: the directory once more, every local header, every metadata document. */
export async function gatherFacts(
  archive: ZipArchive,
  trailing: number,
  options: CheckArchiveOptions,
): Promise<ArchiveFacts> {
  const central = await surveyCentral(archive, options);
  const onEntries = (entries: number): void => options.onProgress?.({ entries, bytes: 0 });
  const local = await surveyLocal(archive, central, { signal: options.signal, onEntries });
  const documents = listDocuments(archive.directory, local.order);
  const hierarchy = await readDocuments(archive, options);
  return {
    source: archive.source,
    trailing,
    archive,
    central,
    local,
    documents,
    names: surveyNames(archive.directory),
    others: listOthers(archive.directory, hierarchy),
    hierarchy,
    comment: await readCommentFacts(archive, options),
    options,
  };
}
