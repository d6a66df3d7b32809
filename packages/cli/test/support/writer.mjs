// A thread that begins to write an image, and ends it when it is told to.
import { parentPort, workerData } from "node:worker_threads";
import { addLabels, createImage } from "ozx";

const { kind, path } = workerData;
const begin = () =>
  kind === "createImage"
    ? createImage(path, { axes: ["y", "x"], shape: [64, 64], dtype: "uint8", overwrite: true })
    : addLabels(path, "from-a-thread");

try {
  const writer = await begin();
  parentPort.once("message", async () => {
    await writer.write(
      {},
      kind === "createImage" ? new Uint8Array(64 * 64).fill(9) : new Uint32Array(64 * 64).fill(9),
    );
    await writer.close();
    parentPort.postMessage({ state: "closed" });
  });
  parentPort.postMessage({ state: "begun" });
} catch ({ _tag, message }) {
  parentPort.postMessage({ state: "refused", tag: _tag, message });
}
