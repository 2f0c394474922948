"""Reads OpenLineage events into the classes of OpenLineage's own client, strictly, and sends them on by that client.

Every field must be one of the class (the classes are generated from the JSON schemas), every field that a class requires must be
there, with its type; `schemaURL` and `_schemaURL` must be those that the class itself would give.
"""

import json
import sys
import typing
import types
import uuid

import attr
from openlineage.client import OpenLineageClient, set_producer
from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.transport.file import FileConfig, FileTransport

CLASSES = {
    "run": {
        "parent": facets.parent_run.ParentRunFacet,
        "processing_engine": facets.processing_engine_run.ProcessingEngineRunFacet,
        "errorMessage": facets.error_message_run.ErrorMessageRunFacet,
    },
    "job": {
        "jobType": facets.job_type_job.JobTypeJobFacet,
        "sourceCodeLocation": facets.source_code_location_job.SourceCodeLocationJobFacet,
        "sql": facets.sql_job.SQLJobFacet,
    },
    "dataset": {
        "schema": facets.schema_dataset.SchemaDatasetFacet,
        "dataSource": facets.datasource_dataset.DatasourceDatasetFacet,
        "storage": facets.storage_dataset.StorageDatasetFacet,
        "datasetType": facets.dataset_type_dataset.DatasetTypeDatasetFacet,
        "version": facets.dataset_version_dataset.DatasetVersionDatasetFacet,
        "columnLineage": facets.column_lineage_dataset.ColumnLineageDatasetFacet,
    },
    "output": {"outputStatistics": facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet},
}


def structure(kind, value, where):
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return structure(next(part for part in arguments if part is not type(None)), value, where)
    if origin is list:
        return [structure(arguments[0], part, f"{where}[{index}]") for index, part in enumerate(value)]
    if origin is dict:
        return {name: structure(arguments[1], part, f"{where}.{name}") for name, part in value.items()}
    if attr.has(kind):
        return build(kind, value, where)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SystemExit(f"{where} is {value!r}, not {kind.__name__}")
    return value


def build(kind, value, where):
    hints = typing.get_type_hints(kind)
    known = {field.name for field in attr.fields(kind)}
    unknown = value.keys() - known
    if unknown:
        raise SystemExit(f"{where}: {kind.__name__} has no {sorted(unknown)}")
    return kind(**{name: structure(hints[name], part, f"{where}.{name}") for name, part in value.items()})


def build_facets(kind, value, where):
    built = {}
    for name, content in value.items():
        facet_class = CLASSES[kind][name]
        rest = {key: part for key, part in content.items() if key not in ("_producer", "_schemaURL")}
        facet = build(facet_class, rest, f"{where}.{name}")
        if content["_schemaURL"] != facet_class._get_schema() or content["_producer"] != facet._producer:
            raise SystemExit(f"{where}.{name}: {content['_schemaURL']} by {content['_producer']}")
        built[name] = facet
    return built


def build_event(event):
    uuid.UUID(event["run"]["runId"])
    inputs = [InputDataset(part["namespace"], part["name"], facets=build_facets("dataset", part["facets"], part["name"])) for part in event["inputs"]]
    outputs = [
        OutputDataset(
            part["namespace"], part["name"], facets=build_facets("dataset", part["facets"], part["name"]),
            outputFacets=build_facets("output", part["outputFacets"], part["name"]) if "outputFacets" in part else None,
        )
        for part in event["outputs"]
    ]
    job = Job(event["job"]["namespace"], event["job"]["name"], facets=build_facets("job", event["job"]["facets"], event["job"]["name"]))
    run = Run(event["run"]["runId"], facets=build_facets("run", event["run"]["facets"], event["job"]["name"]))
    built = RunEvent(eventTime=event["eventTime"], eventType=RunState(event["eventType"]), producer=event["producer"], run=run, job=job, inputs=inputs, outputs=outputs)
    if built.schemaURL != event["schemaURL"]:
        raise SystemExit(f"schemaURL is {event['schemaURL']}")
    return built


def without_defaults(given, sent):
    """The client writes absent lists as empty ones and adds a tag with its own version; both are left out again."""
    if isinstance(given, dict):
        return {name: without_defaults(given[name], part) if name in given else part for name, part in sent.items() if name in given or (part not in ([], {}) and name != "tags")}
    if isinstance(given, list):
        return [without_defaults(one, other) for one, other in zip(given, sent, strict=True)]
    return sent


def main():
    given = [json.loads(line) for line in open(sys.argv[1])]
    set_producer(given[0]["producer"])
    client = OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=sys.argv[2], append=True)))
    for event in given:
        client.emit(build_event(event))
    sent = [json.loads(line) for line in open(sys.argv[2])]
    with open(sys.argv[2], "w") as file:
        for one, other in zip(given, sent, strict=True):
            file.write(json.dumps(without_defaults(one, other)) + "\n")
    print(len(sent), "events")


main()
