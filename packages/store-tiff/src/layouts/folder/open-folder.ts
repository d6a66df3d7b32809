import { UsageError } from "@ozx/core";
import { checkWithinFolder, type FolderOptions, type SourceFolder } from "@ozx/core/container";
import { createFileSet } from "../../read/file-set.js";
import { openTiffFile } from "../../read/tiff-file.js";
import type { LayoutOptions } from "../layout.js";
import { type OpenedLayout, openLayout } from "../open-layout.js";
import { matchPattern, type NamedFile, readNames } from "./file-names.js";
import { readMicroManagerSeries } from "./mm-series.js";
import { type SeriesMetadata, seriesLayout } from "./series.js";

/**
 * Finds out what the TIFFs in a folder are: an acquisition by Micro-Manager, the files of one OME-TIFF, or planes whose
 * names say where they belong.
 *
 * @returns undefined where there is no TIFF
 * @throws UsageError where the files cannot be told to be one image
 */
export async function openFolderLayout(
  folder: SourceFolder,
  { pattern, ...options }: FolderOptions = {},
): Promise<OpenedLayout | undefined> {
  const depth = pattern === undefined ? 2 : pattern.split("/").length;
  const paths = (await folder.list?.({ ...options, depth })) ?? [];
  if (pattern !== undefined) {
    const named = matchPattern(pattern, paths);
    return named.length === 0 ? undefined : openSeries(folder, named, { title: "TIFF files" }, options);
  }
  const index = paths.filter((path) => /(?:^|\/)NDTiff\.index$/.test(path)).sort(byDepth)[0];
  if (index !== undefined) {
    const inside = folderOf(index);
    const first = paths.find((path) => folderOf(path) === inside && /NDTiffStack.*\.tif$/.test(path));
    if (first !== undefined) return openFirst(subFolder(folder, inside), nameOf(first), options);
  }
  const tiffs = paths.filter((path) => /\.tiff?$/i.test(path)).sort(byDepth);
  const stacks = tiffs.filter((path) => path.includes("_MMStack"));
  const [stack] = stacks;
  if (stack !== undefined) {
    refuseSeveral(
      folder,
      stacks.map((path) => path.replace(/_MMStack.*/, "")),
      "acquisitions",
    );
    return openFirst(subFolder(folder, folderOf(stack)), nameOf(stack), options);
  }
  const documents = paths.filter((path) => /(?:^|\/)metadata\.txt$/.test(path));
  const series =
    documents.length === 0 || tiffs.length === 0
      ? undefined
      : await readMicroManagerSeries(folder, documents, new Set(paths), options);
  if (series !== undefined) return openSeries(folder, series.files, series.metadata, options);
  return openImages(folder, paths, options);
}

/** The TIFFs that lie in the folder itself. */
async function openImages(
  folder: SourceFolder,
  paths: readonly string[],
  options: LayoutOptions,
): Promise<OpenedLayout | undefined> {
  const own = paths.filter((path) => !path.includes("/"));
  const companions = own.filter((path) => /\.companion\.ome$/i.test(path));
  const [companion] = companions;
  if (companion !== undefined && companions.length === 1) return openFirst(folder, companion, options);
  const tiffs = own.filter((path) => /\.tiff?$/i.test(path));
  const [first] = tiffs;
  if (first === undefined) return undefined;
  if (tiffs.length === 1) return openFirst(folder, first, options);
  const opened = await openFirst(folder, first, options);
  // One of a set names the others.
  if (opened.layout.otherFiles === true) return opened;
  await opened.files.close();
  const named = readNames(tiffs);
  if (named !== undefined && opened.layout.omeXml === undefined) {
    return openSeries(folder, named, { title: "TIFF files" }, options);
  }
  throw new UsageError(
    `${folder.name} has ${tiffs.length} TIFFs, such as ${first}, and nothing says that they are one image: give one of them, or a pattern such as ${folder.name}/img_t{t}_c{c}_z{z}.tif`,
  );
}

async function openFirst(folder: SourceFolder, name: string, options: LayoutOptions): Promise<OpenedLayout> {
  const source = await folder.open(name, options);
  if (source === undefined)
    throw new UsageError(`${name} was removed from ${folder.name} while it was being opened`);
  try {
    return await openLayout({ ...source, folder }, options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openSeries(
  folder: SourceFolder,
  named: readonly NamedFile[],
  metadata: SeriesMetadata,
  options: LayoutOptions,
): Promise<OpenedLayout> {
  const [start] = named;
  const source = start && (await folder.open(start.path, options));
  if (source === undefined)
    throw new UsageError(`${folder.name} was changed while it was being opened: try again`);
  const files = createFileSet(await openTiffFile(source, options), folder);
  try {
    return { layout: await seriesLayout(folder.name, named, files, metadata, options), files };
  } catch (error) {
    await files.close();
    throw error;
  }
}

function refuseSeveral(folder: SourceFolder, names: readonly string[], what: string): void {
  const distinct = [...new Set(names)];
  if (distinct.length < 2) return;
  throw new UsageError(
    `${folder.name} has ${distinct.length} ${what} (${distinct.slice(0, 3).map(nameOf).join(", ")} …): give a file of one of them`,
  );
}

/** A folder of a folder. */
function subFolder(folder: SourceFolder, path: string): SourceFolder {
  if (path === "") return folder;
  return {
    name: `${folder.name}/${path.replace(/\/$/, "")}`,
    async open(name, options) {
      checkWithinFolder(name, folder.name);
      return folder.open(path + name, options);
    },
    async list({ depth = 1, ...options } = {}) {
      const all = (await folder.list?.({ ...options, depth: depth + path.split("/").length - 1 })) ?? [];
      return all.filter((name) => name.startsWith(path)).map((name) => name.slice(path.length));
    },
  };
}

/** With a slash at its end; empty for the folder itself. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Files of the folder before those in its folders. */
function byDepth(a: string, b: string): number {
  return a.split("/").length - b.split("/").length || (a < b ? -1 : 1);
}
