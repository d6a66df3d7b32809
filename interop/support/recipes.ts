import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { inInterop } from "./run.js";

/** Where `setup.sh` installs the libraries of the recipes, as a user's project would have them. */
const PROJECT = inInterop(".cache/recipes");
/** Where pages and what bundlers write are. */
export const served = join(PROJECT, "served");

/** A program that is there once they are installed. */
export const installed = join(PROJECT, "node_modules/.bin/vite");

/** Puts the recipes and the packages of this repository into the project. */
export function prepareRecipes(): void {
  cpSync(inInterop("../examples/recipes"), join(PROJECT, "src"), { recursive: true });
  mkdirSync(join(PROJECT, "node_modules/@ozx"), { recursive: true });
  for (const name of ["core", "store-zip"]) {
    const link = join(PROJECT, "node_modules/@ozx", name);
    if (!existsSync(link)) symlinkSync(inInterop(`../packages/${name}`), link);
  }
}

/** Bundles a recipe as its page would be, and returns the name of the script that the page loads. */
export type Bundle = (recipe: string) => Promise<string>;

export const byEsbuild: Bundle = async (recipe) => {
  const outdir = join(served, "esbuild");
  const options = { bundle: true, splitting: true, format: "esm", logLevel: "error" } as const;
  // What Vitessce imports for headsets, which it is asked for by no recipe.
  const external = ["three", "@react-three/*"];
  await build({ entryPoints: [join(PROJECT, "src", recipe)], outdir, external, ...options });
  return `esbuild/${recipe.replace(".mjs", ".js")}`;
};

/** Makes the script of the page for a script tag without `type="module"`. */
export async function buildPlainScript(): Promise<void> {
  await buildOneFile("global.mjs", "plain.js", "ozx");
  cpSync(join(PROJECT, "src/plain-script.html"), join(served, "plain-script.html"));
}

/** Makes the service worker, which may import nothing when it runs. */
export const buildServiceWorker = (): Promise<void> =>
  buildOneFile("service-worker.mjs", "service-worker.js");

async function buildOneFile(recipe: string, file: string, globalName = ""): Promise<void> {
  await build({
    entryPoints: [join(PROJECT, "src", recipe)],
    outfile: join(served, file),
    bundle: true,
    format: "iife",
    globalName,
    logLevel: "error",
  });
}

export const byVite: Bundle = async (recipe) => {
  const { build } = await importOfProject<{ build(options: object): Promise<unknown> }>(
    "vite/dist/node/index.js",
  );
  await build({
    root: PROJECT,
    logLevel: "error",
    build: {
      outDir: join(served, "vite"),
      target: "es2022",
      rollupOptions: { input: join(PROJECT, "src", recipe), output: { entryFileNames: "entry.js" } },
    },
  });
  return "vite/entry.js";
};

interface Webpack {
  default(options: object): {
    run(done: (error: Error | null, stats?: { hasErrors(): boolean; toString(): string }) => void): void;
  };
}

export const byWebpack: Bundle = async (recipe) => {
  const { default: webpack } = await importOfProject<Webpack>("webpack/lib/index.js");
  const compiler = webpack({
    mode: "development",
    devtool: false,
    context: PROJECT,
    entry: join(PROJECT, "src", recipe),
    output: { path: join(served, "webpack"), filename: "entry.js" },
  });
  await new Promise<void>((resolve, reject) => {
    compiler.run((error, stats) => {
      if (error) reject(error);
      else if (stats?.hasErrors()) reject(new Error(stats.toString()));
      else resolve();
    });
  });
  return "webpack/entry.js";
};

/** Their types are not installed here. */
async function importOfProject<T>(file: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(PROJECT, "node_modules", file)).href)) as T;
}
