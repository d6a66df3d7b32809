// A thread or process that opens a store again and reads what it is told to: values, or parts of them.
import { parentPort, workerData } from "node:worker_threads";
import { crc32 } from "node:zlib";
import { reopen } from "ozx";

if (parentPort) parentPort.postMessage(await readAll(workerData));
else process.once("message", async (job) => process.send(await readAll(job), () => process.disconnect()));

async function readAll({ descriptor, reads }) {
  try {
    const store = await reopen(descriptor);
    const read = ({ key, range }) => (range ? store.getRange(key, range) : store.get(key));
    const sums = await Promise.all(reads.map(async (one) => crc32(await read(one))));
    const shared = store.descriptor().shared?.names.buffer instanceof SharedArrayBuffer;
    await store.close();
    return { sums, shared };
  } catch (error) {
    return { error: error._tag ?? String(error) };
  }
}
