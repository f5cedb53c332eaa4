"""The peer: dlt's declarative REST source into PostgreSQL. ``python dlt_people.py URL DATABASE default|best``; runs in an environment of its own."""

import os
import sys
import tempfile
from urllib.parse import quote

if sys.argv[3] == "best":
    os.environ["NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION"] = "true"
    os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"

import dlt
from dlt.sources.rest_api import rest_api_source

database, _, socket = sys.argv[2].partition("?host=")
URL = database.replace("@/", f"@{quote(socket, safe='')}:5432/").replace("postgres:@", "postgres:none@")
BEST = sys.argv[3] == "best"
source = rest_api_source(
    {
        "client": {"base_url": sys.argv[1]},
        "resources": [
            {
                "name": "people",
                "primary_key": "ma",
                "write_disposition": {"disposition": "merge", "strategy": "upsert" if BEST else "delete-insert"},
                "endpoint": {
                    "path": "nguoi-dan",
                    "data_selector": "du_lieu",
                    "paginator": {"type": "page_number", "base_page": 1, "page_param": "trang", "total_path": None, "stop_after_empty_page": True},
                },
            }
        ],
    }
)
pipeline = dlt.pipeline(
    pipeline_name=f"people_{sys.argv[3]}",
    pipelines_dir=tempfile.mkdtemp(),
    destination=dlt.destinations.postgres(URL),
    dataset_name=f"dlt_{sys.argv[3]}",
)
pipeline.run(source, **({"loader_file_format": "csv"} if BEST else {}))
