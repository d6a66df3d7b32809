/** The bytes if they are all of their buffer, which can be given to another thread then. */
export function wholeBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : undefined;
}
