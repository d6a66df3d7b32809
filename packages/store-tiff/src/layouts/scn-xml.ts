import type { ReadOptions } from "@ozx/core";
import { parseXml } from "@ozx/virtual";

/** The XML of a Leica SCN. Lengths are in nanometres. */
export interface ScnXml {
  /** Of the glass. */
  readonly sizeX: number;
  readonly sizeY: number;
  readonly images: readonly ScnImage[];
  /** The number of other pictures, such as the label. */
  readonly supplemental: number;
}

export interface ScnImage {
  readonly name: string | undefined;
  /** Where it is on the glass. */
  readonly view: {
    readonly sizeX: number;
    readonly sizeY: number;
    readonly offsetX: number;
    readonly offsetY: number;
    readonly spacingZ: number;
  };
  /** Of the full resolution. */
  readonly pixels: { readonly sizeX: number; readonly sizeY: number };
  readonly planes: readonly ScnPlane[];
  /** What else it says. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A page: the number of its resolution, channel and focal plane, and of its IFD. */
export interface ScnPlane {
  readonly r: number;
  readonly c: number;
  readonly z: number;
  readonly ifd: number;
}

/** Elements whose text is kept. */
const TEXTS: readonly string[] = ["objective", "illuminationSource", "creationDate"];
/** Pages that are listed: more are not read. */
const MOST_PLANES = 1024 * 1024;

/** @throws InvalidMetadataError, UnsupportedError */
export async function readScnXml(bytes: Uint8Array, name: string, options?: ReadOptions): Promise<ScnXml> {
  const images: ScnImage[] = [];
  const size = { sizeX: 0, sizeY: 0 };
  let supplemental = 0;
  let planes: ScnPlane[] = [];
  let image: Omit<ScnImage, "planes" | "attributes" | "view" | "pixels"> | undefined;
  let view: ScnImage["view"] = NO_VIEW;
  let pixels = { sizeX: 0, sizeY: 0 };
  let attributes: Record<string, string> = {};
  let text = "";
  await parseXml(
    bytes,
    { location: name, what: "the description" },
    {
      open(element, found) {
        const number = (key: string): number => {
          const value = Number(found[key] ?? 0);
          return Number.isFinite(value) ? value : 0;
        };
        const index = (key: string): number => Math.max(0, Math.trunc(number(key)));
        text = "";
        if (element === "collection") Object.assign(size, { sizeX: number("sizeX"), sizeY: number("sizeY") });
        else if (element === "supplementalImage") supplemental++;
        else if (element === "image") {
          image = { name: found["name"] };
          [planes, view, pixels, attributes] = [[], NO_VIEW, { sizeX: 0, sizeY: 0 }, {}];
        } else if (element === "view") {
          view = {
            sizeX: number("sizeX"),
            sizeY: number("sizeY"),
            offsetX: number("offsetX"),
            offsetY: number("offsetY"),
            spacingZ: number("spacingZ"),
          };
        } else if (element === "pixels") pixels = { sizeX: number("sizeX"), sizeY: number("sizeY") };
        else if (element === "dimension" && found["ifd"] !== undefined && planes.length < MOST_PLANES) {
          planes.push({ r: index("r"), c: index("c"), z: index("z"), ifd: index("ifd") });
        }
      },
      text(piece) {
        text += piece;
      },
      close(element) {
        if (image === undefined) return;
        if (TEXTS.includes(element) && text.trim() !== "") attributes[element] = text.trim();
        if (element !== "image") return;
        if (planes.length > 0) images.push({ ...image, view, pixels, planes, attributes });
        image = undefined;
      },
    },
    options,
  );
  return { ...size, images, supplemental };
}

const NO_VIEW: ScnImage["view"] = { sizeX: 0, sizeY: 0, offsetX: 0, offsetY: 0, spacingZ: 0 };
