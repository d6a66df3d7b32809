# Each image into an .ozx of its own: cwltool convert-many.cwl --images a.zarr --images b.zarr
cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
inputs:
  images: Directory[]
  options:
    type: string[]
    default: []
outputs:
  packed:
    type: File[]
    outputSource: convert/packed
steps:
  convert:
    scatter: image
    in:
      image: images
      options: options
    out: [packed]
    run:
      class: CommandLineTool
      baseCommand: [ozx, convert, --out-dir, packed]
      inputs:
        image:
          type: Directory
          inputBinding: { position: 1 }
        options:
          type: string[]
          inputBinding: { position: 2 }
      outputs:
        packed:
          type: File
          outputBinding:
            glob: packed/*.ozx
