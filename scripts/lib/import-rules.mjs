// @ts-check
/**
 * The one direction of imports: CONTRIBUTING.md has it as a picture.
 *
 * @module
 */
import { isBuiltin } from "node:module";

/** What a package's source may import of the others; `store-*` stands for every container. */
const PACKAGES = [
  { name: /^core$/, may: /^$/ },
  { name: /^(virtual|convert|testing)$/, may: /^core$/ },
  { name: /^store-.+$/, may: /^(core|virtual)$/ },
  { name: /^(cli|web)$/, may: /^(core|virtual|store-.+|convert)$/ },
];

/** For each folder of a package's `src`, and of `core/src/node`, the folders beside it that it may import. */
const FOLDERS = {
  core: inThisOrder(
    ...[
      "errors",
      "codecs",
      "findings",
      "format",
      "bytes",
      "image",
      "store",
      "zarr",
      "ome",
      "workers",
      "open",
    ],
    ...["inspect", "validate"],
    ...["index", "container", "internal", "node"],
  ),
  "core/node": inThisOrder("system", "threads", "read", "open", "bucket", "index", "internal"),
  convert: inThisOrder(
    ...["chunks", "versions", "pyramid", "recut", "select", "plan", "create", "merge", "edit", "verify"],
    ...["damage", "index", "node"],
  ),
  "store-zip": {
    crc32: [],
    // One record, the Unicode path, holds a CRC of the name that it belongs to.
    records: ["crc32"],
    directory: ["records"],
    read: ["records", "crc32", "directory"],
    write: ["records", "crc32", "directory"],
    // What RFC-9 says of an archive: its comment, its order, its description.
    rfc9: ["records", "crc32", "directory", "read"],
    rules: ["records", "crc32", "directory", "read", "rfc9"],
    // What opens and writes `.ozx`.
    format: ["records", "crc32", "directory", "read", "write", "rfc9", "rules"],
    repair: ["records", "crc32", "directory", "read", "write", "rfc9", "rules", "format"],
    // What can be read of an archive that is damaged.
    salvage: ["records", "crc32", "directory", "read", "rules"],
    index: ["directory", "read", "rfc9", "format", "repair", "salvage"],
    internal: ["crc32", "read", "rfc9", "repair"],
    // Threads that write; what a browser gets comes from `index`.
    node: ["write", "rfc9", "format"],
  },
  // What packages of foreign formats share: decoders for threads, documents of images, and a store over parts of files.
  virtual: inThisOrder(
    "cache",
    "damaged-file",
    "tiles",
    "files",
    "decode",
    "encode",
    "xml",
    "hierarchy",
    "store",
    "index",
  ),
  // The records, their decoding and reading; planes by their axes; and these as a virtual Zarr hierarchy.
  "store-tiff": {
    parse: [],
    decode: [],
    read: ["parse"],
    // The restarts of a JPEG are the tiles of some slides.
    layouts: ["parse", "read", "decode"],
    store: ["parse", "read", "decode", "layouts"],
    format: ["parse", "read", "decode", "layouts", "store"],
    index: ["store", "format"],
    // Pixels of any image as OME-TIFF.
    write: ["parse"],
    internal: ["decode", "format", "write"],
    // Threads that decode; what a browser gets comes from `index`.
    node: ["read", "decode", "format"],
  },
  // Segments and their fields; an open file; scenes and their levels; tiles and their decoding; these as a virtual store.
  "store-czi": {
    parse: [],
    read: ["parse"],
    decode: ["parse"],
    layout: ["parse", "read"],
    store: ["parse", "read", "decode", "layout"],
    format: ["read", "decode", "layout", "store"],
    index: ["store", "format"],
    internal: ["decode", "format"],
    // Threads that decode; what a browser gets comes from `index`.
    node: ["decode", "format"],
  },
  // Chunks and their metadata; frames along axes; and these as a virtual Zarr hierarchy.
  "store-nd2": {
    parse: [],
    decode: [],
    read: ["parse"],
    images: ["parse", "read"],
    store: ["parse", "read", "decode", "images"],
    // Versions before 2.1, whose pictures are JPEG 2000 in boxes.
    legacy: ["parse", "read", "decode", "images", "store"],
    format: ["parse", "read", "decode", "images", "store", "legacy"],
    index: ["store", "format"],
    internal: ["decode", "format"],
    // Threads that decode; what a browser gets comes from `index`.
    node: ["decode", "format"],
  },
  // Blocks and the XML; places of pixels; and these as a virtual Zarr hierarchy.
  "store-lif": {
    parse: [],
    read: ["parse"],
    images: ["parse", "read"],
    store: ["parse", "read", "images"],
    format: ["parse", "store"],
    index: ["store", "format"],
    node: ["format"],
  },
  web: {
    // A source is decoded in workers, which open it themselves.
    open: ["workers"],
    workers: ["open"],
    metadata: ["open"],
    report: ["open", "workers"],
    convert: ["open", "workers"],
    archive: ["open", "metadata", "report"],
    image: ["open", "convert", "plate", "share", "export", "beside"],
    // A second image next to the first one.
    beside: ["open", "share", "image"],
    plate: ["image"],
    // A part of an image as a file.
    export: ["open", "workers", "convert", "image"],
    share: ["open", "image"],
    shell: ["open", "workers", "metadata", "report", "convert", "archive", "image", "beside"],
    main: ["shell"],
  },
  cli: inThisOrder(
    ...[
      "formats",
      "terminal",
      "options",
      "render",
      "compare-images",
      "repair-archive",
      "salvage-archive",
      "open-in-place",
      "thumbnail",
      "convert",
      "view",
    ],
    "desktop",
    // A command is loaded when it is used, by the program.
    ...["completion", "commands", "verbs", "program", "main", "create", "index"],
  ),
};

/** The end of what is said about a package or folder that is not in these lists. */
export const NO_RULE = "has no rule yet: add it to scripts/lib/import-rules.mjs";

/** Whose source may import Node's builtins; elsewhere they would reach a browser. */
const NODE = /^(cli|testing)\/|^(core|convert|store-[^/]+)\/node\//;

/** What a package has for Node only. */
const FOR_NODE = /^@ozx\/[^/]+\/(internal\/)?node$/;

/**
 * Why a file of `packages` must not import a specifier; undefined where it may.
 *
 * @param {string} file as in `core/src/zarr/read-node.ts`
 * @param {string} specifier as in `../store/store-keys.js`
 * @returns {string | undefined}
 */
export function forbidden(file, specifier) {
  const { pkg, folder, inner, rest } = placeOf(file);
  if (isBuiltin(specifier) || FOR_NODE.test(specifier)) {
    if (!NODE.test(`${pkg}/${rest}`))
      return "Node's builtins are for the folders called node, cli and testing";
    if (isBuiltin(specifier)) return undefined;
  }
  const other = packageOf(specifier);
  if (other !== undefined) {
    const rules = PACKAGES.find(({ name }) => name.test(pkg));
    if (rules === undefined) return `${pkg} ${NO_RULE}`;
    if (!rules.may.test(other)) return `${pkg} must not import ${other}`;
    const needsNode = pkg === "web" && specifier === "@ozx/core/node";
    return needsNode ? "the page runs in a browser, which has no Node" : undefined;
  }
  if (!specifier.startsWith(".")) return undefined;
  const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
  // For its version, which is put in where the package is built.
  if (target === `${pkg}/package.json`) return undefined;
  if (!target.startsWith(`${pkg}/src/`)) return "a relative import must stay within its package's src";
  const to = placeOf(target);
  const reason = betweenFolders(pkg, folder, to.folder);
  // A large folder has folders of its own.
  return reason ?? (folder === to.folder ? betweenFolders(`${pkg}/${folder}`, inner, to.inner) : undefined);
}

/**
 * @param {string} place what the folders are in
 * @param {string} from
 * @param {string} to
 */
function betweenFolders(place, from, to) {
  const folders = /** @type {Record<string, Record<string, readonly string[]>>} */ (FOLDERS)[place];
  if (folders === undefined) return undefined;
  for (const one of [from, to]) {
    if (!(one in folders)) return `${place}/${one} ${NO_RULE}`;
  }
  if (from === to || folders[from]?.includes(to)) return undefined;
  return `${place}/${from} must not import ${place}/${to}`;
}

/** @param {string} file */
function placeOf(file) {
  const [pkg = "", , ...path] = file.split("/");
  const [folder = "", inner = ""] = path.map((name) => name.replace(/\.[jt]sx?$/, ""));
  return { pkg, folder, inner, rest: path.join("/") };
}

/** @param {string} specifier as in `@ozx/core/node` or `ozx` */
function packageOf(specifier) {
  if (specifier === "ozx" || specifier.startsWith("ozx/")) return "cli";
  return /^@ozx\/([^/]+)/.exec(specifier)?.[1];
}

/**
 * Folders that may import those before them.
 *
 * @param {...string} folders
 * @returns {Record<string, readonly string[]>}
 */
function inThisOrder(...folders) {
  return Object.fromEntries(folders.map((folder, index) => [folder, folders.slice(0, index)]));
}
