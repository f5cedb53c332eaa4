"""What the indicators keep: the measures of each received dossier, and their sums by month and place."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from include.indicators.measures import NAMES
from include.store.delivery_tables import receipt
from include.store.tables import GOLDEN, MOMENT, metadata

dossier_fact = Table(
    "dossier_fact",
    metadata,
    Column("entity_id", UUID(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("month", Date, nullable=False, comment="first day of the month of reception"),
    Column("level", Text, nullable=False, comment="of the handling agency; ? when it is in no catalogue"),
    Column("handling_agency", Text, nullable=False),
    Column("receiving_agency", Text, nullable=False),
    Column("procedure_code", Text, nullable=False),
    Column("received_at", MOMENT, nullable=False),
    Column("end_at", MOMENT, comment="what the on-time rule takes for the end"),
    Column("deadline", MOMENT, comment="due date, moved by the time the citizen took to supplement"),
    Column("due_by", MOMENT, comment="without an end: late once this is over"),
    Column("due_by_day", MOMENT, comment="the same by the rule that compares days"),
    Column("seconds", BigInteger, comment="from reception to the end"),
    *(Column(name, Boolean, nullable=False) for name in NAMES),
    schema="hub",
)
Index("ix_dossier_fact_month", dossier_fact.c.month, dossier_fact.c.handling_agency)
Index("ix_dossier_fact_due_by", dossier_fact.c.due_by, postgresql_where=dossier_fact.c.end_at.is_(None))
Index("ix_dossier_fact_due_by_day", dossier_fact.c.due_by_day, postgresql_where=dossier_fact.c.end_at.is_(None))
Index("ix_dossier_fact_received_at", dossier_fact.c.received_at)
Index("ix_dossier_fact_complained", dossier_fact.c.code, postgresql_where=dossier_fact.c.complained)
Index("ix_survey_answer_dossier_code", GOLDEN["survey_answer"].c.dossier_code)
Index("ix_survey_answer_answered_at", GOLDEN["survey_answer"].c.answered_at)
Index("ix_queue_ticket_taken_at", GOLDEN["queue_ticket"].c.taken_at)
Index("ix_receipt_target_at", receipt.c.target, receipt.c.at)
dossier_count = Table(
    "dossier_count",
    metadata,
    Column("month", Date, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("handling_agency", Text, primary_key=True),
    Column("receiving_agency", Text, primary_key=True),
    Column("procedure_code", Text, primary_key=True),
    Column("dossiers", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in NAMES),
    schema="hub",
)
service_count = Table(
    "service_count",
    metadata,
    Column("month", Date, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("tickets", BigInteger, nullable=False),
    Column("waited", BigInteger, nullable=False, comment="of them, called to the desk"),
    Column("waited_in_time", BigInteger, nullable=False, comment="called within 30 minutes"),
    Column("seconds", BigInteger, nullable=False, comment="waited by those called"),
    Column("answers", BigInteger, nullable=False),
    Column("content", BigInteger, nullable=False, comment="scores 4 and 5"),
    schema="hub",
)
portal_count = Table(
    "portal_count",
    metadata,
    Column("month", Date, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("dossiers", BigInteger, nullable=False, comment="received in the month, as the national portal counts"),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
indicator_basis = Table(
    "indicator_basis",
    metadata,
    Column("basis", Text, primary_key=True, comment="hash of the catalogues and measures the facts were made with"),
    Column("horizon", BigInteger, nullable=False, comment="transactions below it were over when the last refresh began"),
    Column("since", MOMENT, nullable=False, comment="receipts from here on are looked at again"),
    schema="hub",
)
