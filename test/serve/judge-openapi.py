"""Judges an OpenAPI document by openapi-spec-validator, and exchanges against its schemas by jsonschema.

Reads {"document": ..., "exchanges": [[schema's name, value, whether it fits], ...]}; prints what is wrong, as JSON."""

import json
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

given = json.load(sys.stdin)
document = given["document"]
wrong = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
for name, value, fits in given["exchanges"]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    errors = [error.message[:300] for error in Draft202012Validator(schema).iter_errors(value)]
    if fits and errors:
        wrong.append(f"{name} does not take {json.dumps(value)[:200]}: {errors}")
    if not fits and not errors:
        wrong.append(f"{name} takes {json.dumps(value)[:200]}")
print(json.dumps(wrong))
