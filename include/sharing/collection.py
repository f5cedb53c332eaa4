"""A collection for Postman and its like (format 2.1), made from the OpenAPI document: every operation, ready to fill in.

``python -m include.sharing.collection`` writes ``docs/examples/hub.postman_collection.json`` anew; a test fails when it is stale.
"""

import json
from typing import Any

from include.settings import ROOT
from include.sharing.openapi import document

FILE = ROOT / "docs" / "examples" / "hub.postman_collection.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
HUB = "{{hub}}"
SAMPLES = {
    "Purpose-Of-Use": "{{purpose}}",
    "Dossier-Id": "{{dossier}}",
    "Officer-Id": "{{officer}}",
    "Prefer": "respond-async",
    "Idempotency-Key": "{{$guid}}",
}
VARIABLES = {"hub": "http://127.0.0.1:8480", "token": "", "purpose": "1.001193", "dossier": "H05.16-261101-0001", "officer": "CB.0001"}


def sample(schema: dict[str, Any]) -> Any:
    """A value to fill in: the first choice, or the name of its type."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [sample(schema["items"])]
    return {"integer": 1, "boolean": True}.get(str(schema.get("type")), "")


def item(method: str, url: str, about: dict[str, Any]) -> dict[str, Any]:
    """One request."""
    headers = [
        {"key": each["name"], "value": SAMPLES[each["name"]]} for each in about["parameters"] if each["in"] == "header" and each["name"] in SAMPLES
    ]
    made: dict[str, Any] = {"method": method.upper(), "header": headers, "url": url, "description": about["description"]}
    for media, content in about.get("requestBody", {}).get("content", {}).items():
        members = {name: sample(schema) for name, schema in content["schema"]["properties"].items() if name in content["schema"]["required"]}
        if media == "application/json":
            made["body"] = {"mode": "raw", "raw": json.dumps(members, ensure_ascii=False, indent=2), "options": {"raw": {"language": "json"}}}
        else:
            made["body"] = {"mode": "urlencoded", "urlencoded": [{"key": name, "value": str(value)} for name, value in members.items()]}
    if about.get("security") == []:
        made["auth"] = {"type": "noauth"}
    return {"name": about["summary"], "request": made}


def collection() -> dict[str, Any]:
    """The whole collection, a folder per tag."""
    from include.sharing.app import ROUTES

    made = document(HUB, ROUTES)
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in made["tags"]}
    for path, operations in made["paths"].items():
        base = HUB if "servers" in operations else made["servers"][0]["url"]
        for method, about in operations.items():
            if method != "servers":
                folders[about["tags"][0]].append(item(method, base + path.replace("{", ":").replace("}", ""), about))
    names = {tag["name"]: tag["description"] for tag in made["tags"]}
    return {
        "info": {"name": made["info"]["title"], "description": made["info"]["description"], "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
        "variable": [{"key": name, "value": value} for name, value in VARIABLES.items()],
        "item": [{"name": names[tag], "item": items} for tag, items in folders.items() if items],
    }


def text() -> str:
    """The collection as it stands in the file."""
    return json.dumps(collection(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
