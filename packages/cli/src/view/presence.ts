import type { ServerResponse } from "node:http";

/** How long a page may take to be loaded again before it counts as closed, in milliseconds. */
const RELOAD_TIME = 3_000;

/**
 * Answers pages that want to say that they are open: by a stream of events that never has any, and ends when its page is
 * closed.
 *
 * @param onLeft called when the last of them has been closed, and none was opened for a while
 * @returns answers one request
 */
export function presenceOf(onLeft: () => void): (response: ServerResponse) => void {
  let open = 0;
  let leaving: NodeJS.Timeout | undefined;
  return (response) => {
    open++;
    clearTimeout(leaving);
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(":\n\n");
    response.once("close", () => {
      if (--open === 0) leaving = setTimeout(onLeft, RELOAD_TIME);
    });
  };
}
