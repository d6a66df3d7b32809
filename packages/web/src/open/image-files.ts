/** What files of images that are in several are called: TIFFs, and what lies beside them. */
const IMAGE_FILES = /\.(?:tiff?|btf|companion\.ome)$/i;

/** Whether a name is that of one of the files that images may be spread over. */
export function isImageFile(name: string): boolean {
  return IMAGE_FILES.test(name);
}
