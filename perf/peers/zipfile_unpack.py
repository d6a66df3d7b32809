"""Unpacks an archive with Python's zipfile: zipfile_unpack.py IN.zip FOLDER"""

import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    archive.extractall(sys.argv[2])
