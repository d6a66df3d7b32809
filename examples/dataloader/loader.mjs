import { Worker } from "node:worker_threads";
import { open } from "ozx";
import * as zarr from "zarrita";

/**
 * Random patches of one level of an image, read by several threads. The same seed gives the same patches in the same
 * order, whatever the number of threads.
 *
 * @param path an .ozx or a folder of OME-Zarr 0.5
 * @param options.patch extents of a patch by the names of axes, as in `{ y: 64, x: 64 }`, 1 for all others; or a list
 *   with one extent per axis
 * @param options.count number of patches; endless by default
 * @param options.image path of the image, as in `B/3/0` of a plate; the root by default
 * @param options.level path of the array below the image, as in `/0`
 * @param options.threads number of threads (4)
 * @param options.ahead number of patches that each thread reads ahead (2)
 * @param options.seed seed of the random positions (1)
 * @throws RangeError for a patch that does not fit the image, and where there is no image
 * @yields {{ start: number[], shape: number[], data: import("zarrita").TypedArray }}
 */
export async function* randomPatches(
  path,
  { patch, count = Number.POSITIVE_INFINITY, image = "", level = "/0", threads = 4, ahead = 2, seed = 1 },
) {
  // The index of the archive is read once, here, and shared by all threads.
  const store = await open(path, { shareIndex: true });
  const arrayPath = image === "" ? level : `/${image.replace(/^\/|\/$/g, "")}${level}`;
  const { array, shape } = await openChecked(store, arrayPath, patch).catch(async (error) => {
    await store.close();
    throw zarr.isZarritaError(error, "NotFoundError") ? noImage(path, image, arrayPath) : error;
  });
  const workerData = { descriptor: store.descriptor(), level: arrayPath };
  const script = new URL("./worker.mjs", import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(script, { workerData }));
  const waiting = new Map();
  for (const worker of workers) {
    worker.on("message", ({ id, data, error }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) resolve(data);
      else reject(new Error(error));
    });
    worker.on("error", (error) => {
      for (const { reject } of waiting.values()) reject(error);
    });
  }
  const random = randomNumbers(seed);
  const queue = [];
  const request = (id) => {
    const start = array.shape.map((size, axis) => Math.floor(random() * (size - shape[axis] + 1)));
    const data = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    // Awaited later, when it is the next patch; until then a failure must not count as unhandled.
    data.catch(() => {});
    workers[id % threads].postMessage({ id, start, shape });
    queue.push({ start, shape, data });
  };
  try {
    let requested = 0;
    while (requested < Math.min(count, threads * ahead)) request(requested++);
    for (let patch = queue.shift(); patch !== undefined; patch = queue.shift()) {
      const data = await patch.data;
      if (requested < count) request(requested++);
      yield { ...patch, data };
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
    await store.close();
  }
}

function noImage(path, image, arrayPath) {
  const where = image === "" ? "at its root" : `at ${image}`;
  return new RangeError(
    `${path} has no OME-Zarr 0.5 image ${where} (no array ${arrayPath}): give the path of an image, as in B/3/0 of a plate`,
  );
}

async function openChecked(store, level, patch) {
  const array = await zarr.open.v3(zarr.root(store).resolve(level), { kind: "array" });
  return { array, shape: patchShape(patch, array, await axisNames(store, level, array)) };
}

/** The names of the axes from the metadata of the image, which the array need not repeat. */
async function axisNames(store, level, array) {
  const group = await zarr.open.v3(zarr.root(store).resolve(level).resolve(".."), { kind: "group" });
  const images = group.attrs.ome?.multiscales ?? [];
  const [image] = images.filter(({ datasets }) => datasets?.some(({ path }) => level.endsWith(`/${path}`)));
  return (
    image?.axes?.map(({ name }) => name) ??
    array.dimensionNames ??
    array.shape.map((_, axis) => `axis ${axis}`)
  );
}

/**
 * The extents of a patch, one per axis. They are checked, because zarrita would silently read a smaller patch.
 *
 * @throws RangeError for unknown axes, and for a patch that does not fit the image
 */
function patchShape(patch, array, names) {
  const axes = names.map((name, axis) => `${name}: ${array.shape[axis]}`).join(", ");
  const unknown = Array.isArray(patch) ? [] : Object.keys(patch).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new RangeError(`the image has no axis ${unknown[0]} (${axes})`);
  const shape = Array.isArray(patch) ? patch : names.map((name) => patch[name] ?? 1);
  if (shape.length !== array.shape.length) {
    throw new RangeError(
      `a patch of [${shape}] has ${shape.length} extents, but the image has ${array.shape.length} axes (${axes})`,
    );
  }
  if (!shape.every((size, axis) => Number.isInteger(size) && size >= 1 && size <= array.shape[axis])) {
    throw new RangeError(`a patch of [${shape}] does not fit into the image (${axes})`);
  }
  return shape;
}

/** A generator of pseudo-random numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
