"""Runs kerasfix over a corpus of sources with Dask: Parquet in, Parquet out.

    python corpus.py SOURCES FINDINGS [--workers 8] [--scheduler HOST:8786]

SOURCES is a Parquet file or a directory of them, with a row for each file: `path`, and `content` as text or bytes.
FINDINGS becomes a directory of Parquet files with a row for each finding. Without a scheduler, a cluster of processes
is started on this machine. It needs kerasfix, and `dask[dataframe,distributed]` with pyarrow, on every worker.

What to expect of one core, measured on 1,000 notebooks and 1,500 programs of repositories about Keras, and on 3,000
modules of other packages: 34 notebooks, 36 programs, 5,000 modules a second. A million notebooks, all about Keras, are
some eight hours of one core, and one hour of eight.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack

import dask.dataframe as dd
import pandas as pd
from dask.distributed import Client, LocalCluster

import kerasfix

COLUMNS = {
    "path": "str",
    "code": "str",
    "severity": "str",
    "message": "str",
    "cell": "Int64",
    "row": "Int64",
    "column": "Int64",
    "fix": "str",
}


def findings(sources: pd.DataFrame) -> pd.DataFrame:
    """The findings in the sources of one partition."""
    rows = [
        (
            path,
            found["code"],
            found["severity"],
            found["message"],
            found["cell"],
            found["location"]["row"],
            found["location"]["column"],
            found["fix"]["applicability"] if found["fix"] else "none",
        )
        for path, content in zip(sources["path"], sources["content"], strict=True)
        for found in kerasfix.check_source(content, path)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def main() -> None:
    """Reads the command line and runs the corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sources")
    parser.add_argument("findings")
    parser.add_argument("--workers", type=int, help="processes on this machine; by default one for each processor")
    parser.add_argument("--scheduler", help="the address of a cluster that is there")
    options = parser.parse_args()
    with ExitStack() as stack:
        cluster = options.scheduler or stack.enter_context(
            LocalCluster(n_workers=options.workers, threads_per_worker=1, dashboard_address=None)
        )
        stack.enter_context(Client(cluster))
        sources = dd.read_parquet(options.sources, columns=["path", "content"], split_row_groups=True)
        sources.map_partitions(findings, meta=COLUMNS).to_parquet(options.findings)


if __name__ == "__main__":
    main()
