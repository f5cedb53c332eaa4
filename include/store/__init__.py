"""PostgreSQL: tables derived from the canonical entities, landed pages, staging."""
