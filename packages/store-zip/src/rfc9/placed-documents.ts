import { type CentralDirectory, MARK_DIRECTORY, nameAt } from "../directory/central-directory.js";
import { isDocumentAt } from "./document-order.js";

/** One `zarr.json` in one of the two orders that an archive has. */
export interface PlacedDocument {
  readonly index: number;
  /** How many entries of any kind come before it. */
  readonly place: number;
  readonly name: string;
  /** How many entries that are no documents and no folders come before it. */
  readonly othersBefore: number;
}

/** The `zarr.json` entries of an archive, as its directory lists them and as they lie in the file. */
export interface DocumentFacts {
  readonly listed: readonly PlacedDocument[];
  readonly placed: readonly PlacedDocument[];
}

export function listDocuments(directory: CentralDirectory, fileOrder: Uint32Array): DocumentFacts {
  const { names, nameEnds } = directory;
  const isDocument = new Uint8Array(directory.count);
  for (let index = 0, start = 0; index < directory.count; index++) {
    const end = nameEnds[index] as number;
    isDocument[index] = Number(isDocumentAt(names, start, end));
    start = end;
  }
  const inOrder = (indexAt: (k: number) => number): PlacedDocument[] => {
    const documents: PlacedDocument[] = [];
    let othersBefore = 0;
    for (let k = 0; k < directory.count; k++) {
      const index = indexAt(k);
      if (isDocument[index] === 1) {
        documents.push({ index, place: k, name: nameAt(directory, index), othersBefore });
      } else if (((directory.marks[index] as number) & MARK_DIRECTORY) === 0) othersBefore++;
    }
    return documents;
  };
  return { listed: inOrder((k) => k), placed: inOrder((k) => fileOrder[k] as number) };
}
