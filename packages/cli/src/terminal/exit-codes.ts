/** The exit codes of every command; docs/command-line.md and `ozx --help` list them. */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  unreadable: 3,
  invalid: 4,
  unsupported: 5,
  exists: 6,
  network: 7,
  internal: 70,
  output: 74,
  tryAgain: 75,
} as const;
