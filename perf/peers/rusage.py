"""Runs a command and prints its usage: rusage.py MARK COMMAND [ARGUMENT ...]

Prints MARK, the peak memory of the largest process in KiB, user and system seconds.
"""

import resource
import subprocess
import sys

code = subprocess.call(sys.argv[2:])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
# KiB on Linux, bytes on macOS.
peak = usage.ru_maxrss // 1024 if sys.platform == "darwin" else usage.ru_maxrss
print(f"{sys.argv[1]}{peak} {usage.ru_utime:.2f} {usage.ru_stime:.2f}", file=sys.stderr)
sys.exit(code)
