"""Prints what Python's zipfile reads from an archive, as JSON: check_zipfile.py ARCHIVE"""

import json
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    entries = archive.infolist()
    print(
        json.dumps(
            {
                "firstBadEntry": archive.testzip(),
                # json.loads is strict: a trailing comma or a byte order mark ends the script.
                "comment": json.loads(archive.comment),
                "names": [entry.filename for entry in entries],
                "notStored": [e.filename for e in entries if e.compress_type != zipfile.ZIP_STORED],
                "dates": sorted({e.date_time for e in entries}),
            }
        )
    )
