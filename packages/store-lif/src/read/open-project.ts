import { type ByteSource, isOzxError, type OzxError, type ReadOptions, UnsupportedError } from "@ozx/core";
import { createFolderFiles, damagedFile, notice } from "@ozx/virtual";
import type { LifElement } from "../parse/elements.js";
import { decodeXml, isProjectXml, PROJECT_START, resolveReference } from "../parse/project-xml.js";
import { type FileBlock, type LifFile, openLifFile } from "./lif-file.js";
import { frameBlock } from "./locate-frames.js";
import { parseElements } from "./parse-elements.js";
import { createProjectFiles, inTurn, type ProjectFiles } from "./project-files.js";

/** The deepest that files name others, and how many files a project may have. */
const DEEPEST = 16;
const MOST_FILES = 65_536;
/** Bytes of XML, of a file and of all. */
const LONGEST_XML = 64 * 1024 * 1024;
const MOST_XML = 512 * 1024 * 1024;

/** What a file of a project holds, and those that it names. */
interface Part {
  readonly documents: readonly string[];
  readonly elements: readonly LifElement[];
  readonly others: readonly LifElement[];
}

interface Project {
  readonly name: string;
  readonly files: ProjectFiles;
  readonly blocks: Map<LifElement, FileBlock | string | undefined>;
  /** Paths of files that were looked for, in lower case: several name the same one. */
  readonly seen: Set<string>;
  /** Files that are named and cannot be read, and why. */
  readonly missing: string[];
  /** Bytes of XML that were read. */
  xml: number;
}

/**
 * Opens a LIF or LOF, or a project in several files.
 *
 * @throws as `openLif` does
 */
export async function openFile(source: ByteSource, options?: ReadOptions): Promise<LifFile> {
  const start = await source.read(0, Math.min(PROJECT_START, source.size), options);
  return isProjectXml(start) ? openProject(source, options) : openLifFile(source, options);
}

/**
 * Opens a project in several files by the one that names the others: an experiment (XLEF), a collection (XLCF), or an
 * image (XLIF). Images whose files are not there are left out.
 *
 * @throws UnsupportedError where the folder of the file is not known, or its files are not there
 * @throws InvalidMetadataError where its XML is damaged
 */
async function openProject(source: ByteSource, options?: ReadOptions): Promise<LifFile> {
  const { name, folder } = source;
  if (folder === undefined) throw refused(name, "which cannot be opened without the folder that they are in");
  const files = createFolderFiles(source);
  const project: Project = {
    name,
    files: createProjectFiles(source, files, options),
    blocks: new Map(),
    seen: new Set([fileName(name).toLowerCase()]),
    missing: [],
    xml: 0,
  };
  try {
    const { documents, elements, others } = await readXml(
      project,
      source,
      { path: fileName(name), above: [], depth: 0 },
      options,
    );
    // Files are opened side by side.
    const missing = project.missing.sort();
    const [first] = missing;
    if (elements.length === 0 && first !== undefined) throw refused(name, `and ${first}`);
    return {
      name,
      kind: "project",
      documents,
      elements,
      others,
      block: (element) => project.blocks.get(element),
      findings:
        first === undefined
          ? []
          : [
              notice(
                "files-missing",
                `${missing.length === 1 ? "1 file" : `${missing.length} files`} of ${name} cannot be read: ${first}.`,
                "Copy all files of the project into one folder.",
              ),
            ],
      files: {
        main: source,
        versions: files.versions,
        checkUnchanged: files.checkUnchanged,
        async close() {
          await Promise.all([source.close(), files.closeOthers()]);
        },
      },
      fault: (what, cause): OzxError => damagedFile(source, what, cause),
    };
  } catch (error) {
    await files.closeOthers();
    throw error;
  }
}

/** Where a file is in a project: its path, the names of what it is in, and how many files name one another above it. */
interface Place {
  readonly path: string;
  readonly above: readonly string[];
  readonly depth: number;
}

async function readXml(
  project: Project,
  source: ByteSource,
  place: Place,
  options?: ReadOptions,
): Promise<Part> {
  project.xml += source.size;
  if (source.size > LONGEST_XML || project.xml > MOST_XML) {
    throw damagedFile(source, `has ${source.size} bytes of XML`);
  }
  const text = decodeXml(await source.read(0, source.size, options));
  const found = await parseElements(text, source.name, options);
  const elements = found.elements.map((element) => within(element, place.above));
  for (const element of elements) {
    project.blocks.set(element, await frameBlock(project.files, element, place.path, options));
  }
  // The names of collections are those of folders; that of the experiment is the project's.
  const above = [...place.above, found.name ?? fileName(place.path)];
  const parts = await inTurn(found.references, (reference) =>
    readReference(project, reference, { path: place.path, above, depth: place.depth + 1 }, options),
  );
  return {
    documents: [text, ...parts.flatMap(({ documents }) => documents)],
    elements: [...elements, ...parts.flatMap((part) => part.elements)],
    others: [...found.others, ...parts.flatMap((part) => part.others)],
  };
}

const NOTHING: Part = { documents: [], elements: [], others: [] };

async function readReference(
  project: Project,
  reference: string,
  { path: from, above, depth }: Place,
  options?: ReadOptions,
): Promise<Part> {
  const path = resolveReference(from, reference);
  const known = path?.toLowerCase();
  if (known !== undefined && project.seen.has(known)) return NOTHING;
  if (depth > DEEPEST || project.seen.size >= MOST_FILES) {
    throw refused(
      project.name,
      `of which more than ${depth > DEEPEST ? DEEPEST : MOST_FILES} name one another`,
    );
  }
  if (known !== undefined) project.seen.add(known);
  const source = path === undefined ? undefined : await project.files.open(path, options);
  if (path === undefined || source === undefined) {
    project.missing.push(`${path ?? reference} is not ${path === undefined ? "in its folder" : "there"}`);
    return NOTHING;
  }
  try {
    return await readPart(project, source, { path, above, depth }, options);
  } catch (error) {
    const isDamaged = ["InvalidArchive", "InvalidMetadata", "UnknownFormat", "Unsupported"] as const;
    if (!isDamaged.some((tag) => isOzxError(error, tag)) || !isOzxError(error)) throw error;
    project.missing.push(error.message);
    return NOTHING;
  }
}

/** What a file of a project holds: an XML that names others, a LOF, or a LIF. */
async function readPart(
  project: Project,
  source: ByteSource,
  { path, above, depth }: Place,
  options?: ReadOptions,
): Promise<Part> {
  const start = await source.read(0, Math.min(PROJECT_START, source.size), options);
  if (isProjectXml(start)) return readXml(project, source, { path, above, depth }, options);
  const file = await openLifFile(source, options);
  const elements = file.elements.map((element) => {
    // The outermost name of a LIF is that of its file.
    const inner = element.path.length > 1 ? element.path.slice(1) : element.path;
    const own = { ...element, path: inner.length === 0 ? [fileName(path)] : inner };
    const moved = within(own, above);
    project.blocks.set(moved, file.block(element));
    return moved;
  });
  return { documents: file.documents, elements, others: file.others };
}

function within(element: LifElement, above: readonly string[]): LifElement {
  return { ...element, path: [...above, ...element.path] };
}

/** The name of a file without folders, and without what follows it in an address. */
function fileName(path: string): string {
  return (
    path
      .replace(/[?#].*$/s, "")
      .split(/[\\/]/)
      .at(-1) ?? path
  );
}

function refused(name: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${name} is a Leica project whose images are in files beside it, ${why}: open it where all of its files lie, or open its .lof, .lif or .tif files`,
    { location: name, feature: "Leica project" },
  );
}
