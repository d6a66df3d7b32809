"""Packs a folder with Python's zipfile: pack_zipfile.py FOLDER ARCHIVE [stored|deflated]"""

import os
import sys
import zipfile

folder, archive, method = sys.argv[1:4]
compression = {"stored": zipfile.ZIP_STORED, "deflated": zipfile.ZIP_DEFLATED}[method]
with zipfile.ZipFile(archive, "w", compression) as target:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            target.write(path, os.path.relpath(path, folder))
