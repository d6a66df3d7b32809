// @ts-check
import { CommandFailed } from "./run.mjs";

/**
 * Says in one line what is being done, and how long it took once it is worth saying.
 *
 * @param {string} title as in `Building`
 * @param {() => Promise<unknown>} work
 */
export async function step(title, work) {
  console.log(`• ${title}`);
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  if (seconds > 5) console.log(`  ${Math.round(seconds)} s`);
}

/**
 * Runs a script's steps and sets the exit code. What a failed command said has been shown by then, so that
 * only its name is left to say.
 *
 * @param {() => Promise<unknown>} steps
 */
export async function main(steps) {
  try {
    await steps();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = error.code;
  }
}
