"""Counts with DuckDB what lies in Ondol's Parquet files: one JSON object of counts.

Usage: engine.py FOLDER
"""

import json
import sys

import duckdb

folder = sys.argv[1]
LOGS = f"read_parquet('{folder}/logs/**/*.parquet', hive_partitioning = true)"
TRACES = f"read_parquet('{folder}/traces/**/*.parquet', hive_partitioning = true)"
LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"]


def counts(query: str) -> dict[str, int]:
    return {str(key): count for key, count in duckdb.sql(query).fetchall()}


def drawn(table: str) -> str:
    """Twenty traces: the first by a hash of their ids, so that they are spread over the files."""
    return f"select TraceId from {table} where TraceId <> '' group by 1 order by md5(TraceId) limit 20"


numbers = counts(f"select (SeverityNumber - 1) // 4, count(*) from {LOGS} where SeverityNumber > 0 group by 1")
print(
    json.dumps(
        {
            "logs": {
                "service": counts(f"select ServiceName, count(*) from {LOGS} group by 1"),
                "level": {LEVELS[int(number)]: count for number, count in numbers.items()},
                "trace": counts(
                    f"select TraceId, count(*) from {LOGS} where TraceId in ({drawn(LOGS)}) group by 1"
                ),
            },
            "traces": {
                "trace": counts(
                    f"select TraceId, count(distinct SpanId) from {TRACES} "
                    f"where TraceId in ({drawn(TRACES)}) group by 1"
                ),
            },
        }
    )
)
