"""The API's reference as a page of the portal: read from the OpenAPI document, so that the two can't disagree."""

from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from apps.accounts.permissions import Right, requires

METHODS = {"get": "读取", "post": "新增", "patch": "修改", "put": "替换", "delete": "删除"}


def _resolved(schema: dict, document: dict) -> dict:
    """The schema behind a ``$ref``, through ``allOf`` and array items."""
    if "$ref" in schema:
        return _resolved(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if len(parts := schema.get("allOf", [])) == 1:
        return _resolved(parts[0], document) | {key: value for key, value in schema.items() if key != "allOf"}
    return schema


def _type(schema: dict, document: dict) -> str:
    found = _resolved(schema, document)
    if found.get("type") == "array":
        return f"{_type(found.get('items', {}), document)}[]"
    if "enum" in found:
        return " | ".join(str(one) or '""' for one in found["enum"] if one is not None)
    if "oneOf" in found:
        return " | ".join(_type(one, document) for one in found["oneOf"])
    return found.get("format") or found.get("type") or "any"


def _fields(schema: dict, document: dict) -> list[dict]:
    found = _resolved(schema, document)
    needed = found.get("required", [])
    return [
        {"name": name, "type": _type(one, document), "title": one.get("title", ""), "note": one.get("description", ""), "required": name in needed}
        for name, one in found.get("properties", {}).items()
    ]


def _operation(path: str, method: str, given: dict, document: dict) -> dict:
    body = given.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = next((code for code in given["responses"] if code.startswith("2")), "")
    answer = given["responses"].get(good, {}).get("content", {}).get("application/json", {}).get("schema")
    return {
        "id": given["operationId"],
        "path": path,
        "method": method.upper(),
        "verb": METHODS[method],
        "summary": given.get("summary", ""),
        "parameters": [{"name": one["name"], "note": one.get("description", ""), "required": one.get("required", False)} for one in given.get("parameters", [])],
        "body": _fields(body, document) if body else [],
        "status": good,
        "answer": _type(answer, document) if answer else "",
        "fields": _fields(_resolved(answer, document).get("items", answer), document) if answer else [],
    }


@requires(Right.ACCOUNT_OWN)
def docs(request):
    document = SchemaGenerator().get_schema(request=None, public=True)
    operations = [
        _operation(path, method, given, document) for path, methods in document["paths"].items() if "schema" not in path for method, given in methods.items() if method in METHODS
    ]
    errors = _fields({"$ref": "#/components/schemas/Error"}, document)
    return render(request, "api/docs.html", {"operations": operations, "errors": errors, "version": document["info"]["version"]})
