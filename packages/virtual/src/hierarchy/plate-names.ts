/** A, B … Z, AA for `letter`; otherwise 1, 2, 3. */
export function nameOf(index: number, naming: string): string {
  if (naming !== "letter") return String(index + 1);
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : nameOf(Math.floor(index / 26) - 1, naming) + letter;
}

/** The inverse of {@link nameOf} with letters: A is 0, AA is 26. */
export function rowIndex(name: string): number {
  return [...name].reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
