// Runs one command after another in this process, for tests that only take a sample: starting Node and loading the
// command takes longer than most commands do. Each message is a command; its end is marked in both streams.
const { main } = await import(new URL("../../dist/main.js", import.meta.url).href);

process.on("message", async ({ args, cwd, env, mark }) => {
  const before = { ...process.env };
  Object.assign(process.env, env);
  process.chdir(cwd);
  await main([process.execPath, "ozx", ...args]);
  // What a process would drop as it ends.
  for (const name of Object.keys(env)) delete process.env[name];
  Object.assign(process.env, before);
  process.removeAllListeners("uncaughtException");
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners("error");
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  await Promise.all([process.stdout, process.stderr].map((stream) => written(stream, mark)));
  process.send({ code });
});
process.on("disconnect", () => process.exit());

function written(stream, text) {
  return new Promise((resolve) => stream.write(text, resolve));
}
