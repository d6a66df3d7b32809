/** The tags that are read, by their names in TIFF 6.0, its supplements and the formats built on it. */
export const TAG = {
  NewSubfileType: 254,
  SubfileType: 255,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  ImageDescription: 270,
  Make: 271,
  StripOffsets: 273,
  Orientation: 274,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  XResolution: 282,
  YResolution: 283,
  PlanarConfiguration: 284,
  ResolutionUnit: 296,
  Software: 305,
  DateTime: 306,
  Predictor: 317,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  SubIFDs: 330,
  ExtraSamples: 338,
  SampleFormat: 339,
  JPEGTables: 347,
  YCbCrSubSampling: 530,
  ImageDepth: 32997,
  /** MetaMorph: its count is the number of planes. */
  UIC2: 33629,
  /** Molecular Dynamics GEL: what its pixels are. */
  MDFileTag: 33445,
  /** Olympus FluoView. */
  MMHeader: 34361,
  TiffEpStandardId: 37398,
  /** A text with the value of pixels that were never written (GDAL). */
  GdalNoData: 42113,
  DNGVersion: 50706,
  /** PerkinElmer Opera. */
  FlexXML: 65200,
  /** Zeiss LSM. */
  CZ_LSMINFO: 34412,
  ImageJByteCounts: 50838,
  ImageJMetadata: 50839,
  MicroManagerMetadata: 51123,
  /** Hamamatsu NDPI. */
  NdpiFileFormat: 65420,
  NdpiSourceLens: 65421,
  /** Where the JPEG of a page restarts, from its start on; the high halves are in another field. */
  NdpiMcuStarts: 65426,
  NdpiMcuStartsHigh: 65432,
  NdpiCaptureMode: 65441,
  ArgosXml: 65000,
  XMP: 700,
} as const;

/** Bytes of a value by the type of a field (TIFF 6.0, section 2; BigTIFF adds 16 to 18). */
const SIZES: ReadonlyMap<number, number> = new Map([
  ...([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 4],
    [5, 8],
    [6, 1],
    [7, 1],
    [8, 2],
    [9, 4],
    [10, 8],
    [11, 4],
    [12, 8],
    [13, 4],
    [16, 8],
    [17, 8],
    [18, 8],
  ] as const),
]);

/** The bytes of one value of a type; undefined for types that are not known, whose fields are skipped. */
export function sizeOfType(type: number): number | undefined {
  return SIZES.get(type);
}
