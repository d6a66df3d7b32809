import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkOutput, planTransfer, runTransfer, verifyStores } from "@ozx/convert";
import { type AbsolutePath, isOzxError, type Store } from "@ozx/core";
import { memorySink, memorySource } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { validateOmeZarr } from "@ozx/core/validate";
import { tiffFormat } from "@ozx/store-tiff";
import { openOzx, ozxFormat } from "@ozx/store-zip";
import { sharedPath, skipFor, withoutSharedData } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlane } from "../../packages/store-tiff/test/fixtures/read-plane.js";
import { python, run, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** A file, or a set of files, of the generator, and what a reader must find in it. */
interface Entry {
  readonly file: string;
  readonly kind: string;
  readonly images: readonly {
    readonly planes: Hashes;
    readonly levels?: readonly { readonly planes: Hashes }[];
  }[];
  readonly reuse: string | null;
  readonly meta?: {
    readonly scale?: Readonly<Record<string, number>>;
    readonly channels?: readonly { readonly name?: string; readonly color?: string }[];
  };
  readonly plate?: { readonly wells: Readonly<Record<string, readonly number[]>> };
  /** Files of a set, any of which opens the whole. */
  readonly entry?: readonly string[];
  readonly lossy?: boolean;
  readonly fail?: boolean;
  readonly mayFail?: boolean;
}

/** SHA-256 of the bytes of planes, little-endian, by `t/c/z`. */
type Hashes = Readonly<Record<string, string>>;

/** Compressions that no maintained library decodes in browsers: they are refused by name. */
const REFUSED = ["codec/lzma.tif", "codec/png.tif", "codec/jpegxl.tif"];
const GENERATOR = "tiff/make_tiffs.py";

describeWithTools("TIFFs by tifffile, imagecodecs, ndstorage and by hand", [python], () => {
  describe("of the shared generator", skipFor(withoutSharedData(GENERATOR)), () => {
    let folder: string;
    let entries: readonly Entry[];
    /** What each readable entry became. */
    const converted: { readonly entry: Entry; readonly file: string; readonly arrays: AbsolutePath[] }[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "ozx-tiffs-"));
      await run(python, [sharedPath(GENERATOR), folder]);
      const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
      entries = manifest.files;
    }, 300_000);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test("have the pixels that were written, also from any file of a set, or are refused", async () => {
      expect(entries.length).toBeGreaterThan(100);
      const wrong: string[] = [];
      for (const entry of entries) {
        const own = entry.entry ?? [];
        for (const file of [entry.file, ...own.map((name) => name.replace(/^companion/, "ome/companion"))]) {
          const fault = await faultOf(entry, join(folder, file));
          if (fault !== undefined) wrong.push(`${file}: ${fault}`);
        }
      }
      expect(wrong).toEqual([]);
    }, 300_000);

    test("have the pixel sizes, channels and wells that were written", async () => {
      for (const entry of entries) {
        if (entry.meta === undefined && entry.plate === undefined) continue;
        await using opened = closing(await open(join(folder, entry.file)));
        const { store } = opened;
        if (entry.plate !== undefined) {
          const { plate } = await omeAt(store, "/");
          const paths = (plate as { wells: { path: string }[] }).wells.map(({ path }) => path);
          expect(paths, entry.file).toEqual(Object.keys(entry.plate.wells));
        }
        const [image = "/"] = await imagePaths(store);
        const ome = await omeAt(store, image);
        if (entry.meta?.scale !== undefined)
          expect(scaleOf(ome), entry.file).toMatchObject(rounded(entry.meta.scale));
        for (const [k, { name, color }] of (entry.meta?.channels ?? []).entries()) {
          const { channels } = ome["omero"] as { channels: readonly { label?: string; color: string }[] };
          if (name !== undefined) expect(channels[k]?.label, entry.file).toBe(name);
          if (color !== undefined) expect(channels[k]?.color, entry.file).toBe(color);
        }
      }
    });

    test("have tiles and strips that are used as they are, wherever that is possible", async () => {
      const decoded: string[] = [];
      for (const { file, reuse, fail } of entries) {
        if (reuse === null || fail === true) continue;
        await using opened = closing(await open(join(folder, file)));
        const arrays = [...opened.store.arrays.values()];
        if (arrays.some(({ access }) => access === "decoded")) decoded.push(file);
      }
      expect(decoded).toEqual([]);
    });

    test("become an .ozx that is the same", async () => {
      for (const [k, entry] of entries.entries()) {
        if (entry.fail === true || entry.mayFail === true || REFUSED.includes(entry.file)) continue;
        await using opened = closing(await open(join(folder, entry.file)));
        const { store } = opened;
        const sink = memorySink();
        const plan = await planTransfer(store, { zarrFormat: 3 });
        await runTransfer(plan, ozxFormat.target(sink));
        await using archive = closing(await openOzx(memorySource(sink.bytes())));
        const differences = [];
        for await (const one of verifyStores(store, archive.store)) differences.push(one);
        expect(differences, entry.file).toEqual([]);
        // What is written without a remark is valid, and what is not valid is said.
        const { groups } = await validateOmeZarr(memorySource(sink.bytes(), "tiff.ozx"), {
          formats: [ozxFormat],
        });
        const errors = groups.filter(({ severity }) => severity === "error").map(({ rule }) => rule);
        const invalid = await checkOutput(plan);
        expect(invalid === undefined, `${entry.file}: ${errors}`).toBe(errors.length === 0);
        const file = join(folder, `${k}.ozx`);
        await writeFile(file, sink.bytes());
        const paths = await imagePaths(store);
        converted.push({
          entry,
          file,
          arrays: paths.flatMap((path, image) => levelPaths(entry, path, image)),
        });
      }
      expect(converted.length).toBeGreaterThan(100);
    }, 300_000);

    test("become an .ozx in which zarr-python reads the pixels that were written", async () => {
      const list = join(folder, "converted.json");
      const exact = converted.filter(({ entry }) => entry.lossy !== true);
      await writeFile(
        list,
        JSON.stringify(
          exact.map(({ file, arrays }) => ({ file, arrays: arrays.map((path) => path.slice(1)) })),
        ),
      );
      const found = (await runPython("hash_planes.py", list)) as readonly (readonly Hashes[])[];
      for (const [k, { entry }] of exact.entries()) {
        const expected = entry.images.flatMap(({ planes, levels = [] }) => [
          planes,
          ...levels.map((level) => level.planes),
        ]);
        for (const [image, hashes] of (found[k] ?? []).entries()) {
          expect(hashes, entry.file).toEqual(withoutStopped(entry, expected[image] ?? {}));
        }
      }
    }, 300_000);
  });
});

type TiffStore = Store & { readonly arrays: ReadonlyMap<AbsolutePath, { readonly access: string }> };

async function open(path: string): Promise<TiffStore> {
  return (await openPath(path, { formats: [tiffFormat] })) as TiffStore;
}

/** So that a store is closed when a test is done with it. */
function closing<Opened extends Store>(store: Opened): AsyncDisposable & { readonly store: Opened } {
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

/** What is wrong with an entry; undefined where nothing is. */
async function faultOf(entry: Entry, path: string): Promise<string | undefined> {
  const mustFail = entry.fail === true || REFUSED.includes(entry.file);
  try {
    await using opened = closing(await open(path));
    const { store } = opened;
    for (const [image, at] of (await imagePaths(store)).entries()) {
      const { planes = {}, levels = [] } = entry.images[image] ?? {};
      for (const [k, hashes] of [planes, ...levels.map((level) => level.planes)].entries()) {
        for (const [key, hash] of Object.entries(withoutStopped(entry, hashes))) {
          const [t, c, z] = key.split("/").map(Number);
          const bytes = await readPlane(store, pathBelow(at, String(k)), { t, c, z });
          const found = createHash("sha256").update(bytes).digest("hex");
          if (entry.lossy !== true && found !== hash)
            return `image ${image}, level ${k}, plane ${key} has other pixels`;
        }
      }
    }
    return mustFail ? "was read, and must be refused" : undefined;
  } catch (error) {
    if (!isOzxError(error)) throw error;
    return mustFail || entry.mayFail === true ? undefined : error.message;
  }
}

/** The third time point of an acquisition that was stopped in the second was never reached. */
function withoutStopped({ file }: Entry, hashes: Hashes): Hashes {
  if (file !== "mmstack/stopped") return hashes;
  return Object.fromEntries(Object.entries(hashes).filter(([key]) => !key.startsWith("2/")));
}

function pathBelow(path: AbsolutePath, name: string): AbsolutePath {
  return path === "/" ? `/${name}` : `${path}/${name}`;
}

function levelPaths({ images }: Entry, path: AbsolutePath, image: number): AbsolutePath[] {
  const levels = images[image]?.levels ?? [];
  return [undefined, ...levels].map((_, k) => pathBelow(path, String(k)));
}

async function omeAt(store: Store, path: AbsolutePath): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await store.get(pathBelow(path, "zarr.json"));
  return JSON.parse(new TextDecoder().decode(bytes)).attributes.ome;
}

/** The images of a store, in the order of the manifest. */
async function imagePaths(store: Store): Promise<AbsolutePath[]> {
  const ome = await omeAt(store, "/");
  if (ome["multiscales"] !== undefined) return ["/"];
  if (ome["plate"] !== undefined) {
    const { wells } = ome["plate"] as { wells: readonly { path: string }[] };
    const fields = await Promise.all(
      wells.map(async ({ path }) => {
        const { well } = await omeAt(store, `/${path}`);
        return (well as { images: readonly { path: string }[] }).images.map(
          (image): AbsolutePath => `/${path}/${image.path}`,
        );
      }),
    );
    return fields.flat();
  }
  const { series } = await omeAt(store, "/OME");
  return (series as readonly string[]).map((path): AbsolutePath => `/${path}`);
}

/** The size of a pixel in micrometres, and of a time step in seconds. */
function scaleOf(ome: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  const [multiscale] = ome["multiscales"] as readonly {
    axes: readonly { name: string; unit?: string }[];
    datasets: readonly { coordinateTransformations: readonly { scale: readonly number[] }[] }[];
  }[];
  const scale = multiscale?.datasets[0]?.coordinateTransformations[0]?.scale ?? [];
  const factors: Readonly<Record<string, number>> = { millisecond: 1e-3, nanometer: 1e-3 };
  return rounded(
    Object.fromEntries(
      (multiscale?.axes ?? []).map(({ name, unit = "" }, k) => [
        name,
        (scale[k] as number) * (factors[unit] ?? 1),
      ]),
    ),
  );
}

function rounded(values: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Number(value.toPrecision(6))]),
  );
}
