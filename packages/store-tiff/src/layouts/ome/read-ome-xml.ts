import type { ReadOptions } from "@ozx/core";
import { parseXml } from "@ozx/virtual";
import type {
  OmeChannel,
  OmeFile,
  OmeImage,
  OmePlate,
  OmeQuantity,
  OmeWellSample,
  OmeXml,
} from "./ome-model.js";

type Attributes = Readonly<Record<string, string>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An image while its elements are read. */
type OpenImage = Mutable<Omit<OmeImage, "channels" | "blocks" | "deltas">> & {
  channels: OmeChannel[];
  blocks: OpenBlocks;
  deltas: Map<number, OmeQuantity>;
};
type OpenPlate = Mutable<Omit<OmePlate, "wells" | "acquisitions">> & {
  wells: { row: number; column: number; samples: Mutable<OmeWellSample>[] }[];
  acquisitions: { id: string; name: string | undefined; samples: string[] }[];
};
interface OpenXml {
  uuid: string | undefined;
  metadataFile: string | undefined;
  readonly images: OpenImage[];
  readonly plates: OpenPlate[];
}

/**
 * Reads the parts of OME-XML that say where the planes are and how they are to be shown.
 *
 * @param location the file that has it, in messages
 * @throws InvalidMetadataError, UnsupportedError as `parseXml` does
 */
export async function readOmeXml(
  bytes: Uint8Array,
  location: string,
  options?: ReadOptions,
): Promise<OmeXml> {
  const xml: OpenXml = {
    uuid: undefined,
    metadataFile: undefined,
    images: [],
    plates: [],
  };
  const handlers = elementHandlers(xml);
  let text = "";
  await parseXml(
    bytes,
    { location, what: "the OME-XML" },
    {
      open(name, attributes) {
        text = "";
        handlers.open.get(name)?.(attributes);
      },
      close(name) {
        if (name === "UUID") handlers.uuid(text.trim());
        text = "";
      },
      text(piece) {
        // Annotations may have megabytes of text.
        if (text.length < 1024) text += piece;
      },
    },
    options,
  );
  return xml;
}

/** What each element adds to the model. */
function elementHandlers(xml: OpenXml) {
  const image = (): OpenImage | undefined => xml.images.at(-1);
  const plate = (): OpenPlate | undefined => xml.plates.at(-1);
  let fileName: string | undefined;
  const open = new Map<string, (attributes: Attributes) => void>([
    ["OME", ({ UUID }) => (xml.uuid = UUID)],
    ["BinaryOnly", ({ MetadataFile }) => (xml.metadataFile = MetadataFile)],
    ["Image", (attributes) => xml.images.push(newImage(attributes))],
    ["Pixels", (attributes) => readPixels(image(), attributes)],
    [
      "Channel",
      ({ Name, Color, SamplesPerPixel }) =>
        image()?.channels.push({
          name: Name || undefined,
          color: numberOf(Color),
          samples: numberOf(SamplesPerPixel),
        }),
    ],
    ["TiffData", (attributes) => image()?.blocks.add(attributes)],
    ["UUID", ({ FileName }) => (fileName = FileName)],
    ["Plane", (attributes) => readPlane(image(), attributes)],
    ["Plate", (attributes) => xml.plates.push(newPlate(attributes))],
    [
      "Well",
      ({ Row, Column }) =>
        plate()?.wells.push({ row: numberOf(Row) ?? 0, column: numberOf(Column) ?? 0, samples: [] }),
    ],
    [
      "WellSample",
      ({ ID = "", Index }) =>
        plate()
          ?.wells.at(-1)
          ?.samples.push({ id: ID, index: numberOf(Index) ?? 0, image: undefined }),
    ],
    [
      "ImageRef",
      ({ ID }) => {
        const sample = plate()?.wells.at(-1)?.samples.at(-1);
        // Other elements refer to images too.
        if (sample !== undefined && sample.image === undefined) sample.image = ID;
      },
    ],
    [
      "PlateAcquisition",
      ({ ID = "", Name }) => plate()?.acquisitions.push({ id: ID, name: Name, samples: [] }),
    ],
    ["WellSampleRef", ({ ID = "" }) => plate()?.acquisitions.at(-1)?.samples.push(ID)],
  ]);
  return {
    open,
    uuid(text: string): void {
      image()?.blocks.nameFile({ uuid: text, name: fileName });
    },
  };
}

function newImage({ ID = "", Name }: Attributes): OpenImage {
  return {
    id: ID,
    name: Name || undefined,
    order: "XYZCT",
    sizes: { z: 1, c: 1, t: 1 },
    pixelSizes: { x: undefined, y: undefined, z: undefined },
    significantBits: undefined,
    timeIncrement: undefined,
    channels: [],
    blocks: newBlocks(),
    deltas: new Map(),
  };
}

function readPixels(image: OpenImage | undefined, attributes: Attributes): void {
  if (image === undefined) return;
  const { DimensionOrder, SizeZ, SizeC, SizeT, SignificantBits } = attributes;
  const quantity = (name: string): OmeQuantity | undefined =>
    quantityOf(attributes[name], attributes[`${name}Unit`]);
  image.order = /^XY(?=.*Z)(?=.*C)(?=.*T)[ZCT]{3}$/.test(DimensionOrder ?? "")
    ? (DimensionOrder as string)
    : image.order;
  image.sizes = { z: sizeOf(SizeZ), c: sizeOf(SizeC), t: sizeOf(SizeT) };
  image.pixelSizes = {
    x: quantity("PhysicalSizeX"),
    y: quantity("PhysicalSizeY"),
    z: quantity("PhysicalSizeZ"),
  };
  image.significantBits = numberOf(SignificantBits);
  image.timeIncrement = quantity("TimeIncrement");
}

function readPlane(image: OpenImage | undefined, { TheZ, TheC, TheT, DeltaT, DeltaTUnit }: Attributes): void {
  if (TheZ !== "0" || TheC !== "0" || DeltaT === undefined) return;
  const delta = quantityOf(DeltaT, DeltaTUnit, true);
  const t = numberOf(TheT);
  if (delta !== undefined && t !== undefined) image?.deltas.set(t, delta);
}

function newPlate({
  Name,
  Rows,
  Columns,
  RowNamingConvention,
  ColumnNamingConvention,
}: Attributes): OpenPlate {
  return {
    name: Name || undefined,
    rows: numberOf(Rows),
    columns: numberOf(Columns),
    rowNaming: RowNamingConvention,
    columnNaming: ColumnNamingConvention,
    wells: [],
    acquisitions: [],
  };
}

function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A size along an axis: a whole number from 1 on. */
function sizeOf(text: string | undefined): number {
  const size = numberOf(text) ?? 1;
  return Number.isSafeInteger(size) && size >= 1 ? size : 1;
}

/** Zero and what is not a number are no size; a time may be zero. */
function quantityOf(
  text: string | undefined,
  unit: string | undefined,
  mayBeZero = false,
): OmeQuantity | undefined {
  const value = numberOf(text);
  return value === undefined || value < 0 || (value === 0 && !mayBeZero) ? undefined : { value, unit };
}

interface OpenBlocks {
  readonly count: number;
  readonly ifd: number[];
  readonly z: number[];
  readonly c: number[];
  readonly t: number[];
  readonly planes: number[];
  readonly file: number[];
  readonly files: OmeFile[];
  add(attributes: Attributes): void;
  /** Says which file the last block is in. */
  nameFile(file: OmeFile): void;
}

function newBlocks(): OpenBlocks {
  const numbers = new Map<string, number>();
  const blocks = {
    count: 0,
    ...{ ifd: [] as number[], z: [] as number[], c: [] as number[], t: [] as number[] },
    ...{ planes: [] as number[], file: [] as number[], files: [] as OmeFile[] },
    add({ IFD, FirstZ, FirstC, FirstT, PlaneCount, NumPlanes }: Attributes): void {
      blocks.count++;
      blocks.ifd.push(numberOf(IFD) ?? -1);
      blocks.z.push(numberOf(FirstZ) ?? 0);
      blocks.c.push(numberOf(FirstC) ?? 0);
      blocks.t.push(numberOf(FirstT) ?? 0);
      // Schemas before 2007 call it NumPlanes.
      blocks.planes.push(numberOf(PlaneCount) ?? numberOf(NumPlanes) ?? -1);
      blocks.file.push(-1);
    },
    nameFile(file: OmeFile): void {
      if (blocks.count === 0) return;
      const key = `${file.uuid} ${file.name ?? ""}`;
      const number = numbers.get(key) ?? blocks.files.push(file) - 1;
      numbers.set(key, number);
      blocks.file[blocks.count - 1] = number;
    },
  };
  return blocks;
}
