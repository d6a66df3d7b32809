// ITU-T T.81, table B.1.
const [RST0, RST7] = [0xd0, 0xd7];

/** Makes a JPEG of the bytes between two restarts. */
export function joinRestartTile(header: Uint8Array, bytes: Uint8Array): Uint8Array {
  const [mark, marker = 0] = bytes.subarray(-2);
  const isRestart = mark === 0xff && marker >= RST0 && marker <= RST7;
  const end = isRestart ? bytes.length - 2 : bytes.length;
  const joined = new Uint8Array(header.length + end);
  joined.set(header);
  joined.set(bytes.subarray(0, end), header.length);
  return joined;
}
