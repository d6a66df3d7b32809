import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planTransfer, runTransfer, verifyStores } from "@ozx/convert";
import type { AbsolutePath, JsonObject, Store } from "@ozx/core";
import { memorySink, memorySource } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { validateOmeZarr } from "@ozx/core/validate";
import { type CziStore, cziFormat } from "@ozx/store-czi";
import { openOzx, ozxFormat } from "@ozx/store-zip";
import { sharedPath, skipFor, withoutSharedData } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlane } from "../../packages/store-tiff/test/fixtures/read-plane.js";
import { python, run, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** A plane of the generator: where it is, and the digest of its array in C order, colours as red, green, blue. */
interface Plane {
  readonly coords: Readonly<Record<string, number>>;
  /** x and y of its first pixel. */
  readonly origin: readonly [number, number];
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly sha256: string;
}

/** What the generator says of a file. */
interface Entry {
  readonly feature: string;
  readonly planes: readonly Plane[];
  /** Digests of the levels, the full resolution first. */
  readonly levels?: readonly string[];
}

const GENERATOR = "vendor/make_czi.py";
/** Files whose tiles must be used as they are. */
const REUSED = [
  ...[
    "pl-gray-u1",
    "pl-gray-u2",
    "pl-gray-f4",
    "pl-zstd0-u2",
    "pl-zstd1-hilo-u2",
    "pl-zstd1-nohilo-u2",
    "pl-zstd1-u1",
  ],
  ...[
    "pl-tzc",
    "pl-mosaic-negative-origin",
    "pl-scenes",
    "pl-sparse-plane",
    "raw-zstd0",
    "raw-zstd1",
    "raw-pyramid",
  ],
];

/** Files that pylibCZIrw does not read as they were written, and why. */
const PEER_ERRORS: Readonly<Record<string, string>> = {
  "pl-bgr48-zstd1": "It takes rows of packed colours as shorter than they are (ZEISS/libczi issue 167).",
  "raw-jpeg": "It has no JPEG.",
  "raw-lzw": "It has no LZW.",
  "raw-jxr-bgr24": "It knows JPEG XR with blue first only.",
  "raw-stored-zero": "It takes a stored size of 0 as one, where others take the size.",
  "raw-no-directory": "It does not search for subblocks.",
  "raw-lie-uncompressed-size": "It decodes what is not compressed, though it is said to be.",
  "raw-mask": "Its read() does not apply masks.",
};

describeWithTools("CZIs by pylibCZIrw and by hand", [python], () => {
  describe("of the shared generator", skipFor(withoutSharedData(GENERATOR)), () => {
    let folder: string;
    let entries: readonly (readonly [name: string, entry: Entry])[];

    /** What each file became. */
    const converted: {
      readonly name: string;
      readonly file: string;
      readonly hashes: ReadonlyMap<AbsolutePath, Hashes>;
    }[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "ozx-czi-"));
      // It writes beside itself.
      await copyFile(sharedPath(GENERATOR), join(folder, "make_czi.py"));
      await run(python, [join(folder, "make_czi.py")]);
      folder = join(folder, "files", "czi");
      entries = Object.entries(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")));
    }, 120_000);
    afterAll(() => rm(join(folder, "..", ".."), { recursive: true, force: true }));

    test("have the pixels that were written, at every resolution", async () => {
      expect(entries.length).toBe(36);
      const wrong: string[] = [];
      for (const [name, entry] of entries) {
        await using opened = await open(join(folder, name));
        for (const fault of await faultsOf(opened.store, entry))
          wrong.push(`${name} (${entry.feature}): ${fault}`);
      }
      expect(wrong).toEqual([]);
    }, 120_000);

    test("have pixels that pylibCZIrw reads too, but for its known errors", async () => {
      expect(await runPython("read_czi.py", folder)).toEqual(Object.keys(PEER_ERRORS).sort());
    }, 60_000);

    test("have tiles that are used as they are, wherever that is possible", async () => {
      const decoded: string[] = [];
      for (const name of REUSED) {
        await using opened = await open(join(folder, `${name}.czi`));
        const arrays = [...opened.store.arrays.values()];
        if (arrays.some(({ access }) => access === "decoded")) decoded.push(name);
      }
      expect(decoded).toEqual([]);
    });

    test("become an .ozx that is the same, and valid", async () => {
      for (const [name] of entries) {
        await using opened = await open(join(folder, name));
        const { store } = opened;
        const sink = memorySink();
        const plan = await planTransfer(store, { zarrFormat: 3 });
        await runTransfer(plan, ozxFormat.target(sink));
        const archive = await openOzx(memorySource(sink.bytes()));
        const differences = [];
        for await (const one of verifyStores(store, archive)) differences.push(one);
        expect(differences, name).toEqual([]);
        const { groups } = await validateOmeZarr(memorySource(sink.bytes(), "czi.ozx"), {
          formats: [ozxFormat],
        });
        const errors = groups.filter(({ severity }) => severity === "error");
        expect(errors, name).toEqual([]);
        const file = join(folder, `${name}.ozx`);
        await writeFile(file, sink.bytes());
        converted.push({ name, file, hashes: await planeHashes(store) });
      }
    }, 120_000);

    test("become an .ozx in which zarr-python reads the same pixels", async () => {
      const list = join(folder, "converted.json");
      const arraysOf = (hashes: ReadonlyMap<AbsolutePath, Hashes>) =>
        [...hashes.keys()].map((path) => path.slice(1));
      await writeFile(
        list,
        JSON.stringify(converted.map(({ file, hashes }) => ({ file, arrays: arraysOf(hashes) }))),
      );
      const found = (await runPython("hash_planes.py", list)) as readonly (readonly Hashes[])[];
      expect(found.length).toBe(36);
      for (const [k, { name, hashes }] of converted.entries())
        expect(found[k], name).toEqual([...hashes.values()]);
    }, 120_000);
  });
});

/** SHA-256 of the bytes of planes, little-endian, by `t/c/z`. */
type Hashes = Readonly<Record<string, string>>;

/** Those of all arrays, by their paths. */
async function planeHashes(store: CziStore): Promise<Map<AbsolutePath, Hashes>> {
  const arrays = new Map<AbsolutePath, Hashes>();
  for (const [path, { axes, shape }] of store.arrays) {
    const sizeOf = (axis: string): number => shape[(axes as readonly string[]).indexOf(axis)] ?? 1;
    const hashes: Record<string, string> = {};
    for (let t = 0; t < sizeOf("t"); t++) {
      for (let c = 0; c < sizeOf("c"); c++) {
        for (let z = 0; z < sizeOf("z"); z++)
          hashes[`${t}/${c}/${z}`] = sha(await readPlane(store, path, { t, c, z }));
      }
    }
    arrays.set(path, hashes);
  }
  return arrays;
}

async function open(path: string): Promise<{ readonly store: CziStore } & AsyncDisposable> {
  const store = (await openPath(path, { formats: [cziFormat] })) as CziStore;
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

async function faultsOf(store: CziStore, { planes, levels = [] }: Entry): Promise<string[]> {
  const faults: string[] = [];
  const placeAlong = (axis: string, value: number | undefined): number => {
    const values = [...new Set(planes.map(({ coords }) => coords[axis] ?? 0))].sort((a, b) => a - b);
    return values.indexOf(value ?? 0);
  };
  const images = await imagePaths(store);
  const scenes = new Set(planes.map(({ coords }) => coords["S"] ?? 0)).size;
  if (images.length !== scenes) faults.push(`has ${images.length} images, and not ${scenes}`);
  for (const plane of planes) {
    const { coords } = plane;
    const image = images[placeAlong("S", coords["S"])] ?? "/";
    const at = {
      t: placeAlong("T", coords["T"]),
      c: placeAlong("C", coords["C"]),
      z: placeAlong("Z", coords["Z"]),
    };
    const found = await hashOf(store, levelPath(image, 0), at, plane);
    if (found !== plane.sha256) faults.push(`${JSON.stringify(coords)} has other pixels`);
    const [x, y] = await originOf(store, image);
    if (x !== plane.origin[0] || y !== plane.origin[1]) faults.push(`starts at ${x}, ${y}`);
  }
  for (const [level, sha256] of levels.entries()) {
    const path = levelPath(images[0] ?? "/", level);
    const found = store.arrays.has(path) ? sha(await readPlane(store, path)) : "nothing";
    if (found !== sha256) faults.push(`level ${level} has other pixels`);
  }
  return faults;
}

function levelPath(image: AbsolutePath, level: number): AbsolutePath {
  return image === "/" ? `/${level}` : `${image}/${level}`;
}

/** The digest of a plane with its colours side by side, in the type that it was written in. */
async function hashOf(
  store: CziStore,
  path: AbsolutePath,
  at: { readonly t: number; readonly c: number; readonly z: number },
  { shape, dtype }: Plane,
): Promise<string> {
  const samples = shape[2] ?? 1;
  const axes = store.arrays.get(path)?.axes ?? [];
  const index = Object.fromEntries(
    Object.entries(at).filter(([axis, k]) => k > 0 || axes.some((one) => one === axis)),
  );
  const planes = [];
  for (let c = 0; c < samples; c++)
    planes.push(await readPlane(store, path, samples > 1 ? { ...index, c } : index));
  const [first = new Uint8Array()] = planes;
  if (store.arrays.get(path)?.dataType !== dtype) return sha(narrowed(first, dtype));
  const size = itemSizes[dtype] ?? 1;
  const joined = Buffer.alloc(first.length * samples);
  for (const [c, bytes] of planes.entries()) {
    for (let k = 0; k < bytes.length; k += size)
      joined.set(bytes.subarray(k, k + size), k * samples + c * size);
  }
  return sha(joined);
}

const itemSizes: Readonly<Record<string, number>> = { uint8: 1, uint16: 2, float32: 4 };

/** Values of an array of several pixel types as the smaller type that the plane was written in. */
function narrowed(bytes: Uint8Array, dtype: string): Uint8Array {
  const values = new Uint16Array(bytes.slice().buffer);
  if (dtype !== "uint8" || values.some((value) => value > 255))
    throw new Error(`${dtype} is in another type`);
  return Uint8Array.from(values);
}

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The paths of all images, in the order of the file. */
async function imagePaths(store: Store): Promise<AbsolutePath[]> {
  const { ome } = await attributesAt(store, "/");
  const { plate } = ome as { plate?: { wells: { path: string }[] } };
  if (plate !== undefined) return plate.wells.map(({ path }): AbsolutePath => `/${path}/0`);
  if ((ome as JsonObject)["bioformats2raw.layout"] === undefined) return ["/"];
  const { series } = (await attributesAt(store, "/OME"))["ome"] as { series: string[] };
  return series.map((path): AbsolutePath => `/${path}`);
}

async function attributesAt(store: Store, path: AbsolutePath): Promise<JsonObject> {
  const bytes = await store.get(path === "/" ? "/zarr.json" : `${path}/zarr.json`);
  return JSON.parse(new TextDecoder().decode(bytes)).attributes;
}

/** The first pixel's place in pixels, from the translation of the full resolution. */
async function originOf(store: Store, image: AbsolutePath): Promise<readonly [x: number, y: number]> {
  const { ome } = await attributesAt(store, image);
  const [{ datasets }] = (
    ome as { multiscales: [{ datasets: { coordinateTransformations: JsonObject[] }[] }] }
  ).multiscales;
  const [scale, translation] = datasets[0]?.coordinateTransformations ?? [];
  const pixel = scale?.["scale"] as number[];
  const offset = (translation?.["translation"] ?? pixel.map(() => 0)) as number[];
  const inPixels = (axis: number): number => Math.round((offset.at(axis) ?? 0) / (pixel.at(axis) ?? 1));
  return [inPixels(-1), inPixels(-2)];
}
