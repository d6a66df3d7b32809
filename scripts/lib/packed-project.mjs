// @ts-check
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { inRoot } from "./paths.mjs";

/**
 * A package as a user gets it.
 *
 * @typedef {object} PackedPackage
 * @property {string} name as in `@ozx/core`
 * @property {string} source its folder in the repository, as in `packages/core`
 * @property {string} folder where it is unpacked
 * @property {readonly string[]} doors what can be imported from it, as in `@ozx/core/node`
 * @property {readonly string[]} files their paths below `folder`, with `/`
 */

/**
 * Makes a project of a user in a temporary folder: all packages that are published are packed and unpacked in its
 * `node_modules`, each beside the packages that its own package.json asks for and no others.
 *
 * @returns {Promise<{ folder: string, packages: PackedPackage[], remove(): Promise<void> }>}
 * @throws {Error} where a package has not been built
 */
export async function packProject() {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "ozx-packed-")));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const published = await publishedPackages();
    const packages = await Promise.all(published.map((source) => unpackInto(folder, source)));
    const own = packages.map(({ name }) => name);
    for (const { source, folder: unpacked } of packages) await linkDependencies(source, unpacked, own);
    return { folder, packages, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @returns {Promise<string[]>} folders, as in `packages/core` */
async function publishedPackages() {
  const folders = (await readdir(inRoot("packages"))).map((name) => `packages/${name}`);
  const manifests = await Promise.all(
    folders.map(async (folder) => {
      const file = inRoot(`${folder}/package.json`);
      return existsSync(file) ? JSON.parse(await readFile(file, "utf8")) : { private: true };
    }),
  );
  return folders.filter((_, index) => manifests[index].private !== true);
}

/**
 * @param {string} project
 * @param {string} source
 * @returns {Promise<PackedPackage>}
 */
async function unpackInto(project, source) {
  if (!existsSync(inRoot(`${source}/dist`))) {
    throw new Error(`${source} has not been built: run npm run build`);
  }
  const pnpm = inRoot("node_modules/pnpm/bin/pnpm.cjs");
  const destination = await mkdtemp(join(project, "tarball-"));
  await promisify(execFile)(process.execPath, [pnpm, "pack", "--pack-destination", destination], {
    cwd: inRoot(source),
  });
  const [tarball = ""] = await readdir(destination);
  const files = [...tarFiles(gunzipSync(await readFile(join(destination, tarball))))];
  const manifest = JSON.parse(files.find(({ path }) => path === "package.json")?.bytes.toString() ?? "");
  const folder = join(project, "node_modules", manifest.name);
  for (const { path, bytes } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  const doors = Object.keys(manifest.exports).filter((door) => door !== "./package.json");
  return {
    name: manifest.name,
    source,
    folder,
    doors: doors.map((door) => manifest.name + door.slice(1)),
    files: files.map(({ path }) => path),
  };
}

/**
 * @param {string} source whose dependencies are installed
 * @param {string} unpacked
 * @param {readonly string[]} own names of packages that are in the project themselves
 */
async function linkDependencies(source, unpacked, own) {
  const manifest = JSON.parse(await readFile(join(unpacked, "package.json"), "utf8"));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (own.includes(name)) continue;
    const link = join(unpacked, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(await realpath(inRoot(`${source}/node_modules/${name}`)), link, "junction");
  }
}

const BLOCK = 512;

/**
 * The files of a tar archive (POSIX ustar) as pnpm writes it, with everything in a folder `package`.
 *
 * @param {Buffer} tar
 * @returns {Generator<{ path: string, bytes: Buffer }>}
 */
function* tarFiles(tar) {
  for (let at = 0; at < tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header[0] === 0) return;
    const size = Number.parseInt(textAt(header, 124, 12), 8);
    const path = [textAt(header, 345, 155), textAt(header, 0, 100)].filter(Boolean).join("/");
    const type = textAt(header, 156, 1);
    if (type !== "0" && type !== "") throw new Error(`the tarball has an entry of type ${type}: ${path}`);
    at += BLOCK;
    yield { path: path.replace(/^package\//, ""), bytes: tar.subarray(at, at + size) };
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}

/**
 * @param {Buffer} header
 * @param {number} start
 * @param {number} length
 */
function textAt(header, start, length) {
  const end = header.indexOf(0, start);
  return header.toString("latin1", start, end < 0 ? start + length : Math.min(end, start + length));
}
