import { type CentralDirectory, MARK_DIRECTORY, nameAt } from "../directory/central-directory.js";

/** One `zarr.json` in one of the two orders that an archive has. */
export interface PlacedDocument {
  readonly index: number;
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
  const isDocument = new Uint8Array(directory.count);
  for (let index = 0; index < directory.count; index++)
    isDocument[index] = Number(isDocumentAt(directory, index));
  const inOrder = (indexAt: (k: number) => number): PlacedDocument[] => {
    const documents: PlacedDocument[] = [];
    let othersBefore = 0;
    for (let k = 0; k < directory.count; k++) {
      const index = indexAt(k);
      if (isDocument[index] === 1) documents.push({ index, name: nameAt(directory, index), othersBefore });
      else if (((directory.marks[index] as number) & MARK_DIRECTORY) === 0) othersBefore++;
    }
    return documents;
  };
  return { listed: inOrder((k) => k), placed: inOrder((k) => fileOrder[k] as number) };
}

const DOCUMENT = new TextEncoder().encode("zarr.json");
const SLASH = 0x2f;

/** Whether the last segment of an entry's name is `zarr.json`. */
function isDocumentAt({ names, nameEnds }: CentralDirectory, index: number): boolean {
  const start = index === 0 ? 0 : (nameEnds[index - 1] as number);
  const at = (nameEnds[index] as number) - DOCUMENT.length;
  if (at < start || (at > start && names[at - 1] !== SLASH)) return false;
  for (let i = 0; i < DOCUMENT.length; i++) if (names[at + i] !== DOCUMENT[i]) return false;
  return true;
}
