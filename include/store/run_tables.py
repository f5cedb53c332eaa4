"""The ledger of runs: what each was asked for, the pages it landed, what came of its steps, its report; and where each flow stands."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Identity, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from include.store.tables import MOMENT, metadata

source = Table(
    "source",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    Column("flow", Text, nullable=False, unique=True),
    Column("system", Text, nullable=False),
    Column("entity", Text, nullable=False),
    schema="hub",
    comment="What provenance numbers mean",
)
flow_state = Table(
    "flow_state",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("cursor", JSONB, nullable=False, comment="where the next run starts; moves with the rows, in one transaction"),
    Column("run", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
run = Table(
    "run",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("whole", Boolean, nullable=False),
    Column("dry", Boolean, nullable=False, comment="tried out: nothing was kept but the report"),
    Column("cursor", JSONB, nullable=False, comment="where the run started"),
    Column("until", MOMENT, nullable=False),
    Column("state", Text, nullable=False, comment="running, held, failed, done"),
    Column("started_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    Column("note", JSONB, comment="why it is held or failed"),
    schema="hub",
)
step = Table(
    "step",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("counts", JSONB, nullable=False),
    Column("seconds", JSONB, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
landed_page = Table(
    "landed_page",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("sha256", Text, nullable=False, comment="of the bytes as received"),
    Column("bytes", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("promised", Integer),
    Column("media_type", Text, nullable=False),
    Column("after", JSONB, nullable=False, comment="the cursor behind this page"),
    Column("finished", Boolean, nullable=False),
    Column("received_at", MOMENT, nullable=False),
    schema="hub",
)
refined_batch = Table(
    "refined_batch",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("filled", JSONB, nullable=False, comment="by stage: rows, and rows with a value per field"),
    Column("seconds", JSONB, nullable=False),
    Column("fields", JSONB, nullable=False, server_default=text("'{}'"), comment="the schema on the wire: records, present, types, per field"),
    schema="hub",
)
replayed = Table(
    "replayed",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("origin", Text, nullable=False),
    schema="hub",
)
source_field = Table(
    "source_field",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("field", Text, primary_key=True, comment="its path on the wire"),
    Column("records", BigInteger, nullable=False, comment="records it could stand in"),
    Column("present", BigInteger, nullable=False, comment="those it stood in"),
    Column("types", ARRAY(Text), nullable=False),
    Column("since", MOMENT, nullable=False),
    Column("run", Text, nullable=False, comment="the last run that had it to look at"),
    schema="hub",
    comment="The schema of each source, as its runs recorded it and people accepted it",
)
report = Table(
    "report",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("flow", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("document", JSON, nullable=False, comment="canonical JSON, kept to the letter"),
    Column("sha256", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
