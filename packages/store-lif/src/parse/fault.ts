/** What is wrong with a file's own structure, as the end of a sentence about it. Readers add the file's name. */
export class LifFault extends Error {
  override readonly name = "LifFault";
}
