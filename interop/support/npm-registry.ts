import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { listenLocally } from "@ozx/testing";
import { packProject } from "../../scripts/lib/packed-project.mjs";
import { run } from "./run.js";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A server that `npm install` asks for packages. */
export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts a registry of npm that has the packages of this repository as they would be published, and what they depend on as
 * it is installed here.
 */
export async function startNpmRegistry(): Promise<NpmRegistry> {
  const project = await packProject();
  const archives = new Map<string, { manifest: Manifest; file: string }>();
  const foreign = new Map<string, string>();
  for (const { name, folder } of project.packages) {
    const manifest = readManifest(folder);
    archives.set(name, { manifest, file: await pack(folder) });
    collect(foreign, manifest, (dependency) => join(folder, "node_modules", dependency));
  }
  for (const { name } of project.packages) foreign.delete(name);
  for (const [name, folder] of foreign) {
    archives.set(name, { manifest: readManifest(folder), file: await pack(folder) });
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "").slice(1));
    const [, name = path] = /^(.+)\/-\/archive\.tgz$/.exec(path) ?? [];
    const found = archives.get(name);
    if (found === undefined) return void response.writeHead(404).end("{}");
    if (name !== path) return void response.end(readFileSync(found.file));
    const { version } = found.manifest;
    const tarball = `http://${request.headers.host}/${name}/-/archive.tgz`;
    const versions = { [version]: { ...found.manifest, dist: { tarball } } };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
  });
  const { origin, close } = await listenLocally(server);
  return {
    url: origin,
    async [Symbol.asyncDispose]() {
      await close();
      await project.remove();
    },
  };

  async function pack(folder: string): Promise<string> {
    const file = join(project.folder, `${archives.size}.tgz`);
    await run("tar", [
      "-czf",
      file,
      "--exclude=./node_modules",
      "--transform=s,^[.],package,",
      "-C",
      folder,
      ".",
    ]);
    return file;
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Adds the folders of all that a package depends on, which pnpm keeps beside each other. */
function collect(
  found: Map<string, string>,
  { dependencies = {} }: Manifest,
  locate: (name: string) => string,
): void {
  for (const name of Object.keys(dependencies)) {
    if (found.has(name) || !existsSync(locate(name))) continue;
    const folder = realpathSync(locate(name));
    found.set(name, folder);
    const siblings = name.includes("/") ? dirname(dirname(folder)) : dirname(folder);
    collect(found, readManifest(folder), (dependency) => join(siblings, dependency));
  }
}
