import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planTransfer, runTransfer, verifyStores } from "@ozx/convert";
import { type AbsolutePath, isOzxError, type Store } from "@ozx/core";
import { memorySink, memorySource } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { lifFormat } from "@ozx/store-lif";
import { nd2Format } from "@ozx/store-nd2";
import { openOzx, ozxFormat } from "@ozx/store-zip";
import { sharedPath, skipFor, withoutSharedData } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlane } from "../../packages/store-tiff/test/fixtures/read-plane.js";
import { python, run, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** Planes by what is at which index, in one image of the store. */
interface Plane {
  readonly path: AbsolutePath;
  readonly t: number;
  readonly c: number;
  readonly z: number;
}

/** What the generator says of an ND2. Frames are in the order of the file's numbers, pixels as they are stored. */
interface Nd2Entry {
  readonly sizes: Readonly<Record<string, number>>;
  readonly channels: readonly string[];
  readonly frames: readonly string[];
  readonly frame_shape: readonly [number, number, number];
  readonly dtype: string;
  readonly missing: readonly number[];
  readonly voxel: readonly [number, number, number];
}

/** What the generator says of an image of a LIF: an array with these axes, and its hash. */
interface LifEntry {
  readonly images: readonly {
    readonly axes: string;
    readonly shape: readonly number[];
    readonly dtype: string;
    readonly sha256: string;
  }[];
}

const ITEM: Readonly<Record<string, number>> = { uint8: 1, uint16: 2, float32: 4 };
const sha256 = (...parts: readonly Uint8Array[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/** Values of several planes with those of one place side by side. */
function interleave(planes: readonly Uint8Array[], item: number): Uint8Array {
  const [first = new Uint8Array()] = planes;
  const pixels = new Uint8Array(planes.length * first.length);
  for (let k = 0; k < first.length / item; k++) {
    for (const [c, plane] of planes.entries()) {
      pixels.set(plane.subarray(k * item, (k + 1) * item), (k * planes.length + c) * item);
    }
  }
  return pixels;
}

async function omeAt(store: Store, path: AbsolutePath): Promise<Record<string, unknown>> {
  const bytes = await store.get(path === "/" ? "/zarr.json" : `${path}/zarr.json`);
  return JSON.parse(new TextDecoder().decode(bytes)).attributes.ome;
}

async function imagePaths(store: Store): Promise<AbsolutePath[]> {
  if ((await omeAt(store, "/"))["multiscales"] !== undefined) return ["/"];
  const { series } = (await omeAt(store, "/OME")) as { series: readonly string[] };
  return series.map((path): AbsolutePath => `/${path}`);
}

const arrayOf = (image: AbsolutePath): AbsolutePath => (image === "/" ? "/0" : `${image}/0`);

/** Converts a store, checks that the result is the same, and writes it to a file. */
async function convert(store: Store, file: string): Promise<void> {
  const sink = memorySink();
  await runTransfer(await planTransfer(store, { zarrFormat: 3 }), ozxFormat.target(sink));
  const archive = await openOzx(memorySource(sink.bytes()));
  const differences = [];
  for await (const one of verifyStores(store, archive)) differences.push(one);
  expect(differences, file).toEqual([]);
  await archive.close();
  await writeFile(file, sink.bytes());
}

describeWithTools("files of vendors that the shared generators write", [python], () => {
  let folder: string;
  const generate = async <Entry>(script: string, kind: string): Promise<[string, Entry][]> => {
    // It writes beside itself.
    await copyFile(sharedPath(`vendor/${script}`), join(folder, script));
    await run(python, [join(folder, script)]);
    const manifest = JSON.parse(await readFile(join(folder, "files", kind, "manifest.json"), "utf8"));
    return Object.entries(manifest);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ozx-vendor-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Checks planes in zarr-python against those that the store has. */
  const compareInPython = async (
    subjects: readonly { readonly store: Store; readonly file: string; readonly planes: readonly Plane[] }[],
  ): Promise<void> => {
    const list = join(folder, "converted.json");
    const arraysOf = (planes: readonly Plane[]) => [...new Set(planes.map(({ path }) => path))];
    await writeFile(
      list,
      JSON.stringify(
        subjects.map(({ file, planes }) => ({ file, arrays: arraysOf(planes).map((path) => path.slice(1)) })),
      ),
    );
    const found = (await runPython("hash_planes.py", list)) as readonly (readonly Record<string, string>[])[];
    for (const [k, { store, file, planes }] of subjects.entries()) {
      const paths = arraysOf(planes);
      for (const { path, t, c, z } of planes) {
        const hashes = found[k]?.[paths.indexOf(path)];
        expect(hashes?.[`${t}/${c}/${z}`], `${file} ${path} ${t}/${c}/${z}`).toBe(
          sha256(await readPlane(store, path, { t, c, z })),
        );
      }
    }
  };

  describe("ND2", skipFor(withoutSharedData("vendor/make_nd2.py")), () => {
    test("have the frames, names and sizes that were written, also in zarr-python", async () => {
      const entries = await generate<Nd2Entry>("make_nd2.py", "nd2");
      expect(entries.length).toBeGreaterThanOrEqual(13);
      const subjects = [];
      for (const [name, entry] of entries) {
        const store = await openPath(join(folder, "files/nd2", name), { formats: [nd2Format] });
        const { sizes, frame_shape, dtype, frames, channels, voxel, missing } = entry;
        const images = await imagePaths(store);
        expect(images.length, name).toBe(sizes["P"] ?? 1);
        const planes: Plane[] = [];
        // The keys are the loops, the outermost first.
        const loops = Object.keys(sizes).filter((axis) => "PTZ".includes(axis));
        for (const [n, hash] of frames.entries()) {
          const at: Record<string, number> = { P: 0, T: 0, Z: 0 };
          let rest = n;
          for (const axis of [...loops].reverse()) {
            const count = sizes[axis] ?? 1;
            at[axis] = rest % count;
            rest = Math.floor(rest / count);
          }
          const path = arrayOf(images[at["P"] ?? 0] ?? "/");
          const own = Array.from({ length: frame_shape[2] }, (_, c) => ({
            path,
            t: at["T"] ?? 0,
            c,
            z: at["Z"] ?? 0,
          }));
          const values = await Promise.all(own.map(({ t, c, z }) => readPlane(store, path, { t, c, z })));
          // The file has blue first, and its truth is the order of the file.
          if (name.startsWith("rgb")) values.reverse();
          expect(sha256(interleave(values, ITEM[dtype] ?? 1)), `${name}, frame ${n}`).toBe(hash);
          planes.push(...own);
        }
        const { omero, multiscales } = (await omeAt(store, images[0] ?? "/")) as {
          omero: { channels: { label: string }[] };
          multiscales: {
            axes: { name: string }[];
            datasets: { coordinateTransformations: { scale: number[] }[] }[];
          }[];
        };
        if (!name.startsWith("rgb"))
          expect(
            omero.channels.map(({ label }) => label),
            name,
          ).toEqual(channels);
        const scale = multiscales[0]?.datasets[0]?.coordinateTransformations[0]?.scale ?? [];
        const names = multiscales[0]?.axes.map((axis) => axis.name) ?? [];
        for (const [k, axis] of ["x", "y", "z"].entries()) {
          if (names.includes(axis)) expect(scale[names.indexOf(axis)], `${name} ${axis}`).toBe(voxel[k]);
        }
        expect(
          store.findings?.some(({ rule }) => rule === "missing-planes"),
          name,
        ).toBe(missing.length > 0);
        const file = join(folder, `${name}.ozx`);
        await convert(store, file);
        subjects.push({ store, file, planes });
      }
      await compareInPython(subjects);
      for (const { store } of subjects) await store.close();
    });
  });

  describe("LIF and LOF", skipFor(withoutSharedData("vendor/make_lif.py")), () => {
    test("have the pixels that were written, also in zarr-python", async () => {
      const entries = await generate<LifEntry>("make_lif.py", "lif");
      expect(entries.length).toBeGreaterThanOrEqual(13);
      const subjects = [];
      for (const [name, { images }] of entries) {
        const store = await openPath(join(folder, "files/lif", name), { formats: [lifFormat] });
        const paths = await imagePaths(store);
        let next = 0;
        const all: Plane[] = [];
        for (const { axes, shape, dtype, sha256: hash } of images) {
          const sizeOf = (axis: string): number =>
            axes.includes(axis) ? (shape[axes.indexOf(axis)] ?? 1) : 1;
          const first = next;
          next += sizeOf("M");
          const planes: Plane[] = [];
          // Positions of all axes but those of a plane, the last of which is the fastest.
          const outer = [...axes].filter(
            (axis) => axis !== "Y" && axis !== "X" && !(axis === "C" && axes.endsWith("C")),
          );
          const count = outer.reduce((product, axis) => product * sizeOf(axis), 1);
          const samples = axes.endsWith("C") ? sizeOf("C") : 1;
          for (let n = 0; n < count; n++) {
            const at: Record<string, number> = {};
            let rest = n;
            for (const axis of [...outer].reverse()) {
              at[axis] = rest % sizeOf(axis);
              rest = Math.floor(rest / sizeOf(axis));
            }
            const path = arrayOf(paths[first + (at["M"] ?? 0)] ?? "/");
            for (let s = 0; s < samples; s++) {
              planes.push({ path, t: at["T"] ?? 0, c: (at["C"] ?? at["L"] ?? 0) + s, z: at["Z"] ?? 0 });
            }
          }
          const values = await Promise.all(planes.map(({ path, ...at }) => readPlane(store, path, at)));
          const item = ITEM[dtype] ?? 1;
          const found = samples > 1 ? sha256(interleave(values, item)) : sha256(...values);
          expect(found, `${name}, image ${first}`).toBe(hash);
          all.push(...planes);
        }
        if (name === "truncated.lif") {
          // Its second image is there, and the plane that was cut off is an error.
          expect(paths).toEqual(["/0", "/1"]);
          const cut = await readPlane(store, "/1/0", { c: 2 }).catch((error: unknown) => error);
          expect(isOzxError(cut, "CorruptData")).toBe(true);
          await store.close();
          continue;
        }
        expect(paths.length, name).toBe(next);
        const file = join(folder, `${name}.ozx`);
        await convert(store, file);
        subjects.push({ store, file, planes: all });
      }
      await compareInPython(subjects);
      for (const { store } of subjects) await store.close();
    });
  });
});
