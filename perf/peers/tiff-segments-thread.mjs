// Decodes its share of the segments of a file that is in memory, and says how many bytes came out.
import { parentPort, workerData } from "node:worker_threads";
import { decodeSegment } from "../../packages/store-tiff/dist/decode/decode-segment.js";

const { memory, layout, segments, rounds } = workerData;
const file = new Uint8Array(memory);

async function decodeAll() {
  let bytes = 0;
  for (const [offset, count, width, height] of segments) {
    const pixels = await decodeSegment(file.subarray(offset, offset + count), { ...layout, width, height });
    bytes += pixels.length;
  }
  return bytes;
}

// The first round is for the compiler.
for (let round = 0; round <= rounds; round++) {
  parentPort.postMessage({ ready: round });
  await new Promise((resolve) => parentPort.once("message", resolve));
  const started = process.cpuUsage();
  const bytes = await decodeAll();
  const { user, system } = process.cpuUsage(started);
  parentPort.postMessage({ bytes, cpu: (user + system) / 1e6 });
}
