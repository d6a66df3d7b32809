"""Opens a TIFF and prints the shape of its image: open_tiff.py FILE"""

import sys

import tifffile

with tifffile.TiffFile(sys.argv[1]) as source:
    print(source.series[0].shape)
