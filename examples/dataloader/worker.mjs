// A thread of the loader: opens the image itself and reads the requested patches.
import { parentPort, workerData } from "node:worker_threads";
import { reopen } from "ozx";
import * as zarr from "zarrita";

const store = await reopen(workerData.descriptor);
const array = await zarr.open.v3(zarr.root(store).resolve(workerData.level), { kind: "array" });

parentPort.on("message", async ({ id, start, shape }) => {
  try {
    const selection = start.map((from, axis) => zarr.slice(from, from + shape[axis]));
    const { data } = await zarr.get(array, selection);
    parentPort.postMessage({ id, data }, [data.buffer]);
  } catch (error) {
    parentPort.postMessage({ id, error: error.message });
  }
});
