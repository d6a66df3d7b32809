/**
 * Keeps a connection to the server for as long as the page is open, where its address asks for that (`?once`): by that
 * `ozx view --once` learns that the page was closed.
 */
export function stayConnected(): void {
  // It connects again by itself after an interruption, such as sleep.
  if (new URLSearchParams(location.search).has("once")) new EventSource("./open");
}
