/** An image that the XML describes. */
export interface LifElement {
  /** The names of the elements that it is in, the outermost first, and its own. */
  readonly path: readonly string[];
  /** The block that its pixels are in. */
  readonly block: string | undefined;
  /** The size of that block, as the XML has it. */
  readonly size: number;
  /** The files that the block is in, where it is not in that of the XML. */
  readonly frames: readonly LifFrame[];
  readonly channels: readonly LifChannel[];
  readonly dimensions: readonly LifDimension[];
  /** Tiles of a mosaic, in the order of its dimension. */
  readonly tiles: readonly LifTile[];
  /** How positions of tiles are to be taken; undefined where there are none. */
  readonly tileScan?:
    | { readonly flipX: boolean; readonly flipY: boolean; readonly swapXY: boolean }
    | undefined;
}

/** A part of a block that is in a file of its own. */
export interface LifFrame {
  /** The path of the file from that of the XML on, as the XML has it. */
  readonly file: string;
  /** Where the part is in the block. */
  readonly offset: number;
  readonly size: number;
}

export interface LifChannel {
  readonly isFloat: boolean;
  /** Bits that are used of a value. */
  readonly bits: number;
  /** 0 for a gray one, 1 red, 2 green, 3 blue. */
  readonly tag: number;
  /** As in `Green`. */
  readonly lut: string | undefined;
  /** Bytes from the start of a pixel. */
  readonly offset: number;
}

export interface LifDimension {
  /** What it goes along (`DimID`): 1 x, 2 y, 3 z, 4 t, 5 emission, 9 excitation, 10 tiles of a mosaic. */
  readonly id: number;
  readonly count: number;
  /** Bytes from one step to the next. */
  readonly step: number;
  /** The position of the first, and the distance of the last from it, in `unit`. */
  readonly origin: number;
  readonly length: number;
  readonly unit: string | undefined;
}

/** The position of a tile on the stage, in meters. */
export interface LifTile {
  readonly x: number;
  readonly y: number;
  /** Its column and row, where the tiles fill a rectangle, and a running number elsewhere. */
  readonly column: number;
  readonly row: number;
}

type Attributes = Readonly<Record<string, string>>;

/** What {@link collectElements} has found. */
export interface ElementCollector {
  readonly version: 1 | 2;
  readonly elements: readonly LifElement[];
  /** Elements with data that are not images, as those of FLIM. */
  readonly others: readonly LifElement[];
  /** The name of the outermost element. */
  readonly name: string | undefined;
  /** The paths of further files of a project, as the XML has them. */
  readonly references: readonly string[];
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
}

/** An element while its tags are read. */
interface Draft extends LifElement {
  path: string[];
  block: string | undefined;
  size: number;
  readonly frames: LifFrame[];
  readonly channels: LifChannel[];
  readonly dimensions: LifDimension[];
  readonly tiles: LifTile[];
  tileScan?: LifElement["tileScan"];
  isImage: boolean;
}

/**
 * Collects the images of the XML of a LIF from its tags. What surrounds an image is its element, which has a name, a
 * memory block, and other elements.
 */
export function collectElements(): ElementCollector {
  // Old LOFs have an image without an element.
  const root = createDraft([]);
  const drafts = [root];
  const open = [root];
  let version: 1 | 2 = 2;
  const references: string[] = [];
  let isInMemory = false;
  /** The attachments that surround what is read: their XML may repeat descriptions of other images. */
  const attachments: (string | undefined)[] = [];
  const handlers: Readonly<Record<string, (attributes: Attributes, draft: Draft) => void>> = {
    LMSDataContainerHeader({ Version }) {
      version = Number(Version) === 1 ? 1 : 2;
    },
    Element({ Name = "" }, outer) {
      const draft = createDraft([...outer.path, Name]);
      drafts.push(draft);
      open.push(draft);
    },
    Image(_, draft) {
      draft.isImage = true;
    },
    Reference({ File }) {
      if (File && attachments.length === 0) references.push(File);
    },
    Memory({ Size, MemoryBlockID }, draft) {
      isInMemory = true;
      if (draft.block !== undefined) return;
      draft.block = MemoryBlockID;
      draft.size = wholeNumber(Size);
    },
    ChannelDescription(attributes, draft) {
      if (attachments.length > 0) return;
      draft.channels.push({
        isFloat: Number(attributes["DataType"]) === 1,
        bits: wholeNumber(attributes["Resolution"]),
        tag: wholeNumber(attributes["ChannelTag"]),
        lut: attributes["LUTName"] || undefined,
        offset: wholeNumber(attributes["BytesInc"]),
      });
    },
    DimensionDescription(attributes, draft) {
      if (attachments.length > 0) return;
      draft.dimensions.push({
        id: wholeNumber(attributes["DimID"]),
        count: wholeNumber(attributes["NumberOfElements"]),
        step: wholeNumber(attributes["BytesInc"]),
        origin: Number(attributes["Origin"] ?? 0),
        length: Number(attributes["Length"] ?? 0),
        unit: attributes["Unit"] || undefined,
      });
    },
    Attachment({ Name, FlipX, FlipY, SwapXY }, draft) {
      attachments.push(Name);
      if (Name === "TileScanInfo")
        draft.tileScan = { flipX: isTrue(FlipX), flipY: isTrue(FlipY), swapXY: isTrue(SwapXY) };
    },
    Tile({ PosX, PosY, FieldX, FieldY }, draft) {
      if (attachments.at(-1) !== "TileScanInfo") return;
      draft.tiles.push({
        x: Number(PosX),
        y: Number(PosY),
        column: wholeNumber(FieldX),
        row: wholeNumber(FieldY),
      });
    },
  };
  return {
    get version() {
      return version;
    },
    get elements() {
      return drafts.filter(({ isImage }) => isImage);
    },
    get others() {
      return drafts.filter(({ isImage, size }) => !isImage && size > 0);
    },
    get name() {
      return drafts[1]?.path[0];
    },
    references,
    open(name, attributes) {
      const { File, Offset, Size } = attributes;
      // Frame, Block, OMETiffBlock and others.
      if (isInMemory && File)
        open.at(-1)?.frames.push({ file: File, offset: wholeNumber(Offset), size: wholeNumber(Size) });
      if (Object.hasOwn(handlers, name)) handlers[name]?.(attributes, open.at(-1) ?? root);
    },
    close(name) {
      if (name === "Memory") isInMemory = false;
      if (name === "Attachment") attachments.pop();
      if (name === "Element") open.pop();
    },
  };
}

function createDraft(path: string[]): Draft {
  return {
    path,
    block: undefined,
    size: 0,
    frames: [],
    channels: [],
    dimensions: [],
    tiles: [],
    isImage: false,
  };
}

/** Whether the channels are the red, green and blue of a colour picture. */
export function isColour(channels: readonly LifChannel[]): boolean {
  return channels.length === 3 && [1, 2, 3].every((tag) => channels.some((channel) => channel.tag === tag));
}

/** NaN where there is no whole number that is not negative. */
function wholeNumber(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
}

function isTrue(text: string | undefined): boolean {
  return text === "1" || text?.toLowerCase() === "true";
}
