// Loaded before the command (`node --import`): sends SIGTERM to it SIGNAL_AFTER milliseconds after it began to listen for
// the signal, which is when its work begins.
import { isMainThread } from "node:worker_threads";

let isListening = !isMainThread;
process.on("newListener", (name) => {
  if (isListening || name !== "SIGTERM") return;
  isListening = true;
  setTimeout(() => process.kill(process.pid, "SIGTERM"), Number(process.env.SIGNAL_AFTER)).unref();
});
