import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Starts a process that answers each line of its standard input with a line of JSON, and stays warm in between.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
export async function startJob(command, args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(" ")} ended early`);
    return JSON.parse(value);
  };
  await next();
  return {
    /** @param {unknown} question */
    ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return next();
    },
    end() {
      child.stdin.end();
      child.kill();
    },
  };
}
