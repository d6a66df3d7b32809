/** What is wrong with a file's own structure, as the end of a sentence about it. Readers add the file's name. */
export class TiffFault extends Error {
  override readonly name: string = "TiffFault";
}

/** What a file's structure is that is sound, but not supported: the end of a sentence about it. */
export class UnsupportedFault extends TiffFault {
  override readonly name = "UnsupportedFault";
  readonly feature: string;

  constructor(feature: string, message: string) {
    super(message);
    this.feature = feature;
  }
}
