import {
  formatBytes,
  formatCount,
  formatNames,
  formatRatio,
  formatShape,
  formatSize,
  formatStoredSize,
  plural,
  redactAddress,
} from "@ozx/core/internal";
import type { ImageReport } from "@ozx/core/validate";
import { summarizeArchive } from "@ozx/store-zip/internal";
import { styled } from "../terminal/output.js";
import {
  indent,
  type LabeledField,
  printable,
  renderFields,
  renderTable,
  wrap,
} from "../terminal/text-layout.js";
import type { FileReport } from "./file-report.js";
import { type AlikeImages, failedImages, groupAlike, readableImages } from "./file-report.js";
import { plateFields, plateGrid, renderScene, renderTree } from "./hierarchy-fields.js";
import { addUp, describeCodecs, renderImage } from "./image-fields.js";
import { oneOfEachKind } from "./one-of-each-kind.js";

export interface InfoOptions {
  /** The width of the terminal in characters. */
  readonly width: number;
  /** Also print the tree, the archive, and how to open it in JavaScript. */
  readonly verbose: boolean;
}

/** What `ozx info` prints for one file. */
export function renderInfo(file: FileReport, { width, verbose }: InfoOptions): string {
  const inner = width - 2;
  const [about, ...sections] = [
    ...(isImage(file) ? aboutImage(file, inner) : [aboutFile(file, inner), ...aboutImages(file, inner)]),
    remarks(file, inner),
    ...(verbose ? details(file, inner) : []),
  ].filter((section) => section.length > 0);
  const lines = [
    ...describeFile(file, inner),
    ...(about ?? []),
    ...sections.flatMap((section) => ["", ...section]),
  ];
  const path = redactAddress(file.path);
  const title = file.node === null ? path : `${path}, ${file.node}`;
  return [styled("bold", printable(title)), ...indent(lines)].join("\n");
}

function isImage({ kind }: FileReport): boolean {
  return kind === "image" || kind === "label-image";
}

function describeFile(file: FileReport, width: number): string[] {
  const { omeVersion, kind, zarrFormat, container, entries, bytes } = file;
  const version = omeVersion === null ? "" : `OME-Zarr ${printable(omeVersion)} `;
  const what = `${version}${KINDS[kind]} (Zarr v${zarrFormat})`;
  const sizes =
    entries === null || bytes === null
      ? container === "zip"
        ? "sizes with -v"
        : "sizes unknown"
      : `${plural(entries, "entry", "entries")}, ${formatBytes(bytes)}`;
  const where = `in ${CONTAINERS.get(container) ?? container}, ${sizes}`;
  return what.length + 1 + where.length <= width
    ? [`${what} ${where}`]
    : [what, where].flatMap((line) => wrap(line, { width }));
}

const KINDS: Readonly<Record<FileReport["kind"], string>> = {
  image: "image",
  "label-image": "label image",
  plate: "plate",
  well: "well",
  bioformats2raw: "bioformats2raw collection",
  labels: "list of label images",
  scene: "scene",
  group: "group without OME-Zarr metadata",
  array: "array without OME-Zarr metadata",
};

const CONTAINERS: ReadonlyMap<string, string> = new Map([
  ["directory", "a folder"],
  ["zip", "a zip archive"],
  ["http", "a folder on a server"],
  ["tiff", "a TIFF"],
  ["czi", "a CZI"],
  ["nd2", "an ND2"],
  ["lif", "a LIF or LOF"],
]);

function aboutImage(file: FileReport, width: number): string[][] {
  const { name } = file;
  const lead: LabeledField[] = name === null ? [] : [["Name", name]];
  return groupAlike(readableImages(file)).map((group) => renderImage(group, { width, lead }));
}

function aboutFile(file: FileReport, width: number): string[] {
  const { name, plate, array } = file;
  const fields: LabeledField[] = name === null ? [] : [["Name", name]];
  if (plate !== null) fields.push(...plateFields(plate, file.images.length));
  else if (wellsIn(file).length > 0) fields.push(["Wells", formatNames(wellsIn(file))]);
  else if (array === null) fields.push(["Images", describeCount(file)]);
  else {
    const { shape, chunks, shards, dtype } = array;
    const { fullBytes, storedBytes } = addUp([array]);
    fields.push(
      ["Shape", formatShape(shape)],
      ["Chunks", `${formatShape(chunks)}${shards ? ` in shards of ${formatShape(shards)}` : ""}`],
      ["Values", `${dtype}, ${describeCodecs(array)}`],
      ["Size", formatStoredSize(fullBytes, storedBytes)],
    );
  }
  return renderFields(fields, { width });
}

/** The wells in a row of a plate, which is a plain group. */
function wellsIn({ kind, nodes }: FileReport): string[] {
  if (kind !== "group") return [];
  return nodes.filter((node) => node.kind === "well").map(({ path }) => path.slice(1));
}

function describeCount({ images, seriesOrder, nodes }: FileReport): string {
  const count = images.length === 0 ? "none" : formatCount(images.length);
  if (seriesOrder !== null) return `${count}, ${ORDERS[seriesOrder]}`;
  return images.length === 0 ? `none, ${plural(nodes.length, "node")}` : count;
}

const ORDERS: Readonly<Record<NonNullable<FileReport["seriesOrder"]>, string>> = {
  series: "in the order of the OME group",
  "ome-xml": "in the order of the OME-XML",
  names: "in the order of their numbers",
};

/** The images: the grid of a plate, or a list, and the details of each group of images that are alike. */
function aboutImages(file: FileReport, width: number): string[][] {
  const readable = readableImages(file);
  const groups = groupAlike(readable);
  const shown = groups.slice(0, MOST_GROUPS);
  const rest = groups.length - shown.length;
  return [
    file.plate === null ? imageList(file, width) : plateGrid(file.plate, width),
    file.scene === null ? [] : renderScene(file.scene, width),
    ...shown.map((group) => [
      ...wrap(describeGroup(group, readable.length), { width }),
      ...indent(renderImage(group, { width: width - 2 })),
    ]),
    ...(rest > 0 ? [[`… and ${plural(rest, "more kind")} of images; --json has them all`]] : []),
  ];
}

const MOST_GROUPS = 3;
const MOST_IMAGES = 40;

function imageList({ images }: FileReport, width: number): string[] {
  if (images.length === 0) return [];
  const rows = images.slice(0, MOST_IMAGES).map((image) => {
    const path = image.path.slice(1);
    if (image.error !== null) return [path, "", "cannot be read"];
    const arrays = image.levels.flatMap(({ array }) => array ?? []);
    const { fullBytes, storedBytes } = addUp(arrays);
    const [largest] = arrays;
    return [
      path,
      image.name ?? "",
      largest ? `${formatShape(largest.shape)} ${largest.dtype}` : "not readable",
      String(image.levels.length),
      formatSize(storedBytes),
      formatRatio(fullBytes, storedBytes),
    ];
  });
  const rest = images.length - rows.length;
  return [
    ...renderTable([["image", "name", "shape", "levels", "stored", "ratio"], ...rows], {
      right: [3, 4, 5],
      width,
    }),
    ...(rest > 0 ? [`… and ${formatCount(rest)} more`] : []),
  ];
}

function describeGroup({ images }: AlikeImages, all: number): string {
  const names = images.slice(0, 3).map(({ path }: ImageReport) => path.slice(1));
  const rest = images.length > names.length ? ", …" : "";
  if (images.length === 1) return printable(`Image ${names[0]}`);
  const count = images.length === all ? `All ${formatCount(all)}` : formatCount(images.length);
  return printable(`${count} images are alike (${names.join(", ")}${rest}); sizes are their sums`);
}

const MOST_REMARKS = 10;

function remarks(file: FileReport, width: number): string[] {
  const errors = [...file.broken, ...failedImages(file)].map(({ error }) => error.message);
  const texts = [...new Set([...errors, ...oneOfEachKind(file.problems)])];
  if (texts.length === 0) return [];
  const shown = texts.slice(0, MOST_REMARKS).flatMap((text) => {
    const [first = "", ...rest] = wrap(printable(text), { width: width - 4 });
    return [`- ${first}`, ...indent(rest)];
  });
  const rest = texts.length - MOST_REMARKS;
  return [
    "Remarks",
    ...indent(shown),
    ...(rest > 0 ? [`  … and ${formatCount(rest)} more; "ozx validate" lists them all`] : []),
  ];
}

function details({ path, node, nodes, archive, omeVersion }: FileReport, width: number): string[][] {
  return [
    ["Tree", ...indent(renderTree(nodes))],
    ...(archive === null
      ? []
      : [
          [
            "RFC-9 archive",
            ...indent(renderFields(summarizeArchive(archive, omeVersion ?? undefined), { width: width - 2 })),
          ],
        ]),
    [
      "In JavaScript",
      '  import { openOmeZarr } from "ozx";',
      `  const node = await openOmeZarr(${JSON.stringify(redactAddress(path))}${node === null ? "" : `, { path: ${JSON.stringify(node)} }`});`,
    ],
  ];
}
