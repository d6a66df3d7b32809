/** What is read of OME-XML (schemas 2003 to 2016-06). Everything else of it is kept as text. */
export interface OmeXml {
  /** The UUID of the file that has the XML. */
  readonly uuid: string | undefined;
  /** The file that has the metadata instead of this one. */
  readonly metadataFile: string | undefined;
  readonly images: readonly OmeImage[];
  readonly plates: readonly OmePlate[];
}

export interface OmeImage {
  readonly id: string;
  readonly name: string | undefined;
  /** As in `XYZCT`; the axis after XY changes fastest. */
  readonly order: string;
  readonly sizes: { readonly z: number; readonly c: number; readonly t: number };
  readonly pixelSizes: Readonly<Record<"x" | "y" | "z", OmeQuantity | undefined>>;
  readonly significantBits: number | undefined;
  readonly timeIncrement: OmeQuantity | undefined;
  readonly channels: readonly OmeChannel[];
  readonly blocks: TiffBlocks;
  /** The time since the start, by time point, of planes at the first z and channel; empty where it is not known. */
  readonly deltas: ReadonlyMap<number, OmeQuantity>;
}

/** A number with the unit as it is written; micrometres and seconds by default. */
export interface OmeQuantity {
  readonly value: number;
  readonly unit: string | undefined;
}

export interface OmeChannel {
  readonly name: string | undefined;
  /** A signed 32-bit RGBA. */
  readonly color: number | undefined;
  readonly samples: number | undefined;
}

/** The TiffData elements of an image, in columns: there may be one for each of a million planes. */
export interface TiffBlocks {
  readonly count: number;
  /** The number of the page where a block starts; -1 where it is not given. */
  readonly ifd: readonly number[];
  readonly z: readonly number[];
  readonly c: readonly number[];
  readonly t: readonly number[];
  /** Planes of a block; -1 where it is not given. */
  readonly planes: readonly number[];
  /** The index in `files`; -1 for the file that has the XML. */
  readonly file: readonly number[];
  readonly files: readonly OmeFile[];
}

/** A file of a set. */
export interface OmeFile {
  readonly name: string | undefined;
  readonly uuid: string;
}

export interface OmePlate {
  readonly name: string | undefined;
  readonly rows: number | undefined;
  readonly columns: number | undefined;
  readonly rowNaming: string | undefined;
  readonly columnNaming: string | undefined;
  readonly wells: readonly OmeWell[];
  readonly acquisitions: readonly OmeAcquisition[];
}

export interface OmeWell {
  /** From 0. */
  readonly row: number;
  readonly column: number;
  readonly samples: readonly OmeWellSample[];
}

export interface OmeWellSample {
  readonly id: string;
  readonly index: number;
  /** The id of its image; undefined where it has none. */
  readonly image: string | undefined;
}

export interface OmeAcquisition {
  readonly id: string;
  readonly name: string | undefined;
  /** The ids of its well samples. */
  readonly samples: readonly string[];
}
