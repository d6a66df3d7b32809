"""Packs a folder with Python's zipfile, stored: zipfile_pack.py FOLDER OUT.zip"""

import os
import sys
import zipfile

folder, out = sys.argv[1:]
with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            archive.write(path, os.path.relpath(path, folder))
