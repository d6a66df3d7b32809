import type { ServerResponse } from "node:http";

/** How long a page that is reloaded may take to come back, in milliseconds. */
const RELOAD = 3_000;

/** The pages that are open in browsers, each of which keeps a connection. */
export interface OpenPages {
  /** Answers a page that says that it is open, with an answer that lasts as long as it is. */
  add(response: ServerResponse): void;
}

/**
 * Counts the pages that are open.
 *
 * @param onNone called when the last one was closed, and not only reloaded
 * @param reload how long to wait for it to come back, in milliseconds
 */
export function countOpenPages(onNone: () => void, reload = RELOAD): OpenPages {
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    add(response) {
      count++;
      clearTimeout(timer);
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write(": the page is open\n\n");
      response.on("close", () => {
        count--;
        if (count === 0) timer = setTimeout(onNone, reload);
      });
    },
  };
}
