"""Reads blocks of an array with zarr-python or tensorstore, whenever it is told to: decode_job.py CONTENDER FOLDER THREADS

Each line of standard input is a block, `[[start, stop], ...]` in JSON; the answer is a line with wall and processor
seconds, a sum of some pixels, and the peak of memory in MiB.
"""

import json
import resource
import sys
import time

import numpy


def open_zarr(folder, threads):
    import zarr
    from numcodecs import blosc

    # Its own default: blosc uses threads of its own only outside of the main thread's pool.
    blosc.set_nthreads(threads)
    blosc.use_threads = threads > 1
    zarr.config.set({"threading.max_workers": threads, "async.concurrency": 10})
    array = zarr.open_array(folder + "/0", mode="r")
    return lambda block: array[tuple(slice(*bounds) for bounds in block)]


def open_tensorstore(folder, threads):
    import tensorstore

    context = tensorstore.Context({"data_copy_concurrency": {"limit": threads}, "cache_pool": {"total_bytes_limit": 0}})
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": folder + "/0/"}}
    array = tensorstore.open(spec, context=context, open=True, read=True).result()
    return lambda block: array[tuple(slice(*bounds) for bounds in block)].read().result()


def allocate(folder, threads):
    """What new memory costs: it is written once, like a block that is read."""
    return lambda block: numpy.full([stop - start for start, stop in block], 1, "u2")


def resident():
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * resource.getpagesize() / 2**20


def main():
    contender, folder, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    read = {"zarr-python": open_zarr, "tensorstore": open_tensorstore, "numpy-memory": allocate}[contender](folder, threads)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        block = json.loads(line)
        before = resident()
        wall, cpu = time.perf_counter(), time.process_time()
        pixels = read(block)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        check = int(numpy.asarray(pixels).reshape(-1)[:: max(1, pixels.size // 1000)].astype("u8").sum())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        del pixels
        print(json.dumps({"wall": wall, "cpu": cpu, "check": check, "before": before, "peak": peak}), flush=True)


if __name__ == "__main__":
    main()
