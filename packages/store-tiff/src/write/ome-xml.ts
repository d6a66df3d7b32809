import { unitFromSpelling } from "@ozx/core/internal";
import type { ChannelMetadata } from "@ozx/virtual";

/** A size or a time with its unit as OME-Zarr has it, as in `micrometer`; undefined where it has none. */
export interface WrittenQuantity {
  readonly value: number;
  readonly unit: string | undefined;
}

/** What OME-XML says of an image. */
export interface WrittenImage {
  readonly name: string | undefined;
  /** As the schema calls it: `uint8`, `float`, `double`. */
  readonly pixelType: string;
  readonly sizes: Readonly<Record<"x" | "y" | "z" | "c" | "t", number>>;
  readonly pixelSizes: Readonly<Record<"x" | "y" | "z", WrittenQuantity | undefined>>;
  /** The time from one plane to the next. */
  readonly timeIncrement: WrittenQuantity | undefined;
  /** From the first on; those that are missing have neither name nor colour. */
  readonly channels: readonly ChannelMetadata[];
}

/**
 * OME-XML (schema 2016-06) for one image whose planes are the pages of one file, z changing fastest, then c, then t. All
 * its characters are ASCII, as TIFF asks of a description.
 */
export function formatOmeXml(image: WrittenImage): string {
  const { sizes, pixelSizes, timeIncrement, channels } = image;
  const pixels = [
    ...['ID="Pixels:0"', 'DimensionOrder="XYZCT"', `Type="${image.pixelType}"`, 'BigEndian="false"'],
    ...(["x", "y", "z", "c", "t"] as const).map((axis) => `Size${axis.toUpperCase()}="${sizes[axis]}"`),
    ...(["x", "y", "z"] as const).flatMap((axis) =>
      quantity(`PhysicalSize${axis.toUpperCase()}`, pixelSizes[axis], "space"),
    ),
    ...quantity("TimeIncrement", timeIncrement, "time"),
  ];
  const planes = sizes.z * sizes.c * sizes.t;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<OME xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${NAMESPACE} ${NAMESPACE}/ome.xsd" Creator="ozx">`,
    `<Image ID="Image:0"${image.name === undefined ? "" : ` Name="${escapeXml(image.name)}"`}>`,
    `<Pixels ${pixels.join(" ")}>`,
    ...Array.from({ length: sizes.c }, (_, index) => channelElement(index, channels[index])),
    `<TiffData IFD="0" PlaneCount="${planes}"/>`,
    "</Pixels></Image></OME>",
  ].join("");
}

const NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06";

function channelElement(index: number, channel: ChannelMetadata | undefined): string {
  const { name, color } = channel ?? {};
  const attributes = [
    ...[`ID="Channel:0:${index}"`, 'SamplesPerPixel="1"'],
    ...(name === undefined ? [] : [`Name="${escapeXml(name)}"`]),
    ...(color === undefined ? [] : [`Color="${signedRgba(color)}"`]),
  ];
  return `<Channel ${attributes.join(" ")}/>`;
}

/** OME has red in the highest byte, alpha in the lowest, and a sign. */
function signedRgba(color: string): number {
  return (Number.parseInt(color, 16) << 8) | 0xff | 0;
}

/**
 * An attribute of a positive number, and that of its unit. A size without a unit is one of the schema's "reference frame",
 * since it would be one in micrometres otherwise; one without a unit that the schema has is left out.
 */
function quantity(name: string, written: WrittenQuantity | undefined, type: "space" | "time"): string[] {
  if (written === undefined || !Number.isFinite(written.value) || written.value <= 0) return [];
  const symbol = written.unit === undefined ? unitless(written, type) : symbolOf(type, written.unit);
  return symbol === undefined ? [] : [`${name}="${written.value}"`, `${name}Unit="${escapeXml(symbol)}"`];
}

function unitless({ value }: WrittenQuantity, type: "space" | "time"): string | undefined {
  return type === "space" && value !== 1 ? "reference frame" : undefined;
}

/** The symbol that the schema has for a unit of OME-Zarr; undefined where it has none. */
function symbolOf(type: "space" | "time", unit: string): string | undefined {
  const name = unitFromSpelling(type, unit);
  return name === undefined ? undefined : SYMBOLS[type].find((one) => unitFromSpelling(type, one) === name);
}

/** `UnitsLength` and `UnitsTime` of the schema, of which those that OME-Zarr has. */
const SYMBOLS = {
  space: "ym zm am fm pm nm µm mm cm dm m hm km Mm Gm Tm Pm Em Zm Ym Å in ft yd pc".split(" "),
  time: "ys zs as fs ps ns µs ms cs ds s hs ks Ms Gs Ts Ps Es Zs Ys min h d".split(" "),
} as const;

/** Text as the value of an attribute. What XML 1.0 cannot hold is replaced. */
function escapeXml(text: string): string {
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 32 && code !== 9 && code !== 10 && code !== 13) return "?";
      if ((code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff) return "?";
      const isPlain = code >= 32 && code < 127 && !`&<>"'`.includes(character);
      return isPlain ? character : `&#${code};`;
    })
    .join("");
}
