/** Starts a worker of the page; its name is for those who look into the browser's tools. */
export function startWorker(name: string): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name });
}
