/** What files of images that are in several are called: TIFFs, what lies beside them, and Leica projects. */
const IMAGE_FILES = /\.(?:tiff?|btf|companion\.ome|xlef)$/i;

/** Whether a name is that of one of the files that images may be spread over. */
export function isImageFile(name: string): boolean {
  return IMAGE_FILES.test(name);
}

/** Whether a name is that of a Leica project, which names the other files. */
export function isProjectFile(name: string): boolean {
  return /\.xlef$/i.test(name);
}
