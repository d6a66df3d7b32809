/** Options of other programs, or of other commands, and what does the same; by their names in small letters. */
export const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ...same("--force replaces the output", "overwrite", "replace", "clobber", "yes", "delete"),
  ...same(
    '--codec recompresses chunks, as in "--codec zstd:5"',
    ...[
      "compression",
      "compressor",
      "compress",
      "compression-level",
      "clevel",
      "zstd",
      "blosc",
      "gzip",
      "lz4",
    ],
  ),
  ...same('"--codec none" stores chunks without compression', "no-compression", "uncompressed"),
  ...same(
    'ozx convert --chunks gives other chunks, as in "--chunks y=512,x=512"',
    ...["rechunk", "chunk", "chunks", "chunk-size", "chunk-shape", "tile-size", "tile-width", "tile-height"],
  ),
  ...same(
    '--shard groups chunks into fewer entries, as in "--shard auto"; chunks keep their shape',
    ...["shards", "sharding", "shard-size", "shard-shape"],
  ),
  ...same(
    "--jobs sets how many threads work",
    ...["threads", "workers", "num-workers", "n-workers", "max-workers", "max_workers", "processes", "cores"],
  ),
  ...same(
    "--pyramid adds lower-resolution levels, each half of the one before",
    ...[
      "downsample",
      "resolutions",
      "multiscale",
      "build-pyramid",
      "scale-factors",
      "n-levels",
      "num-levels",
    ],
    ...["max-layer"],
  ),
  ...same(
    "--method says how levels are made with --pyramid: mean, median, mode, min, max or stride",
    ...["method", "downsampling", "downsample-method", "downsampling-method", "interpolation"],
  ),
  ...same(
    'ozx convert --project makes one pixel of all along an axis, as in "--project z=max"',
    ...["mip", "projection", "project", "max-projection", "max-project", "zproject"],
  ),
  ...same("inputs and outputs are named without an option, as in the examples", "out", "in", "src", "dst"),
  ...same("--out-dir takes the folder", "output-dir", "outdir", "output-folder", "output-directory"),
  ...same(
    "the name of the output says what is written: .ozx or .zip for one file, .zarr for a folder",
    ...["format", "output-format", "to", "type"],
  ),
  ...same(
    "--ome-zarr-version chooses 0.4, 0.5 or 0.6",
    ...["ngff-version", "zarr-format", "zarr-version", "ome-version", "fmt"],
  ),
  ...same('--c takes positions, as in "--c 0:2", or the name of one', "channel", "channels"),
  ...same('--t takes positions, as in "--t 0:2"', "time", "timepoint", "timepoints", "frame", "frames"),
  ...same(
    "--t, --c, --z, --y and --x take a part, as in --z 0:10",
    ...["slice", "crop", "roi", "region", "bbox", "subset"],
  ),
  ...same("--path takes one node, as in --path B/03", "series", "field", "well", "position", "image"),
  ...same("--verify compares the output with the input", "check", "verify-output"),
  ...same('"ozx validate" checks the output when it is there', "validate"),
  ...same("folders are read completely without an option", "recursive", "r"),
  ...same("-v shows more", "full", "all", "details", "tree"),
  ...same('"ozx fix" repairs an archive', "fix", "repair"),
  ...same('"ozx validate --deep" checks every chunk', "deep"),
  ...same("--dry-run shows what would be written", "plan", "preview", "simulate"),
  ...same("--quiet prints nothing but errors", "silent", "no-progress", "progress"),
  ...same(
    "ozx convert --dtype uint8 rescales values from --window; otherwise pixels keep their data type",
    ...["dtype", "bit-depth", "cast", "rescale", "normalize", "contrast-limits"],
  ),
  ...same(
    '"ozx edit image.ozx --scale y=0.65,x=0.65" changes it, before or afterwards',
    ...["scale", "voxel-size", "pixel-size", "spacing", "resolution", "units"],
  ),
  ...same(
    "the output is written beside its destination, without a folder for temporary files",
    "tmp-dir",
    "temp-dir",
  ),
  ...same(
    "memory is bounded without an option; ozx convert has --memory for recomputed chunks",
    ...["memory", "max-memory", "mem", "max-mem", "memory-limit"],
  ),
  ...same(
    "buckets take AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL from the environment",
    ...["profile", "endpoint", "endpoint-url", "s3-endpoint", "region-name", "anon", "no-sign-request"],
  ),
  ...same("the page is served to this computer only; over ssh, forward its port", "host", "bind", "listen"),
  ...same("--no-open prints the address, to open it in any browser", "browser", "no-browser", "headless"),
]);

/** As {@link OTHER_WORDS}, of `edit`, which writes no other file. */
export const EDIT_WORDS: ReadonlyMap<string, string> = new Map([
  ...same(
    '--scale takes the size of a pixel, as in "--scale y=0.65,x=0.65"',
    ...["voxel-size", "pixel-size", "spacing", "resolution", "set-scale", "pixelsize"],
  ),
  ...same('--unit takes a unit, as in "--unit micrometer"', "units", "space-unit"),
  ...same(
    '--channel changes one, as in "--channel 0:name=DNA,color=00FFFF,window=0..700"',
    ...["channels", "channel-name", "channel-names", "color", "colors", "window", "contrast-limits", "c"],
  ),
  ...same('--rename-well moves one, as in "--rename-well A/1=B/3"', "well", "rename-wells", "move-well"),
  ...same("the target itself is changed, and --undo restores it", "overwrite", "force", "output", "in-place"),
  ...same("--dry-run shows what would be changed", "plan", "preview", "simulate"),
  ...same(
    '"ozx info --edit image.ozx" prints all that can be edited, translations too, and "--from m.json" takes it back',
    ...["json", "translate", "translation", "origin", "offset", "metadata", "set"],
  ),
  ...same("--path takes one node, as in --path B/03/0", "series", "field", "position", "image"),
  ...same("--quiet prints nothing but errors", "silent", "no-progress", "progress"),
]);

function same(advice: string, ...names: readonly string[]): (readonly [string, string])[] {
  return names.map((name) => [name, advice] as const);
}
