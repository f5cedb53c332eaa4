"""What a merge has to know of a record told both ways: what its source was told, what the other says, what a person overruled. SQL joins."""

TOLD = """
LEFT JOIN LATERAL (
    SELECT true AS told, x.* FROM hub.told o CROSS JOIN LATERAL jsonb_populate_record(NULL::staging.{entity}, o.record) x
    WHERE o.entity_id = l.entity_id AND o.target = ANY(%(own)s)) e ON true"""
"""What the source was told of the record when it last accepted it (``delivery.echoes``)."""


HELD = """
LEFT JOIN LATERAL (
    SELECT array_agg(c.field) AS fields FROM hub.conflict c JOIN hub.source o ON o.flow = c.other_flow
    WHERE c.dossier = l.entity_id AND c.kept_flow = %(flow)s AND c.taken IS NOT NULL
      AND to_jsonb(s)->>c.field = c.overruled AND to_jsonb(g)->>c.field = c.taken
      AND g.provenance[array_position(%(names)s::text[], c.field)] = o.id) h ON true"""
"""Fields in which the row repeats what a person overruled, while the value settled for stands (``dossiers.settling``)."""


SAID = """
LEFT JOIN LATERAL (
    SELECT f.id AS by, x.* FROM hub.said o JOIN hub.source f USING (flow) CROSS JOIN LATERAL jsonb_populate_record(NULL::staging.{entity}, o.record) x
    WHERE o.entity_id = l.entity_id AND o.flow <> %(flow)s AND f.system <> ALL(%(above)s) LIMIT 1) y ON true"""
"""What a less trusted source says of the record: it stands where this one says nothing any more."""
