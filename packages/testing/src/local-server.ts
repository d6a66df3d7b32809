import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that this computer alone reaches. */
export interface LocalServer extends AsyncDisposable {
  /** As in `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** Closes it, and the connections that are open. */
  close(): Promise<void>;
}

/** Lets a server listen at a free port. */
export async function listenLocally(server: Server): Promise<LocalServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}
