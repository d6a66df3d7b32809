import { open } from "node:fs/promises";
import { createServer } from "node:http";

/** Serves one file with ranges, `latency` milliseconds after each request, and counts requests and bytes. */
export async function startSlowServer(path, latency) {
  const file = await open(path);
  const { size } = await file.stat();
  const counts = { requests: 0, bytes: 0 };
  const server = createServer(async (request, response) => {
    counts.requests++;
    await new Promise((resolve) => setTimeout(resolve, latency));
    const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const isSuffix = from === "" && to !== "";
    const start = isSuffix ? Math.max(0, size - Number(to)) : Number(from);
    const end = isSuffix || to === "" ? size : Math.min(size, Number(to) + 1);
    const headers = { "Accept-Ranges": "bytes", ETag: '"1"', "Content-Length": end - start };
    if (request.headers.range !== undefined) {
      headers["Content-Range"] = `bytes ${start}-${end - 1}/${size}`;
      response.writeHead(206, headers);
    } else response.writeHead(200, headers);
    if (request.method === "HEAD") return response.end();
    counts.bytes += end - start;
    const { buffer } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
    return response.end(buffer);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/image.ozx`,
    counts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await file.close();
    },
  };
}
