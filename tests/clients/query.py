#!/usr/bin/python3
"""Asks a Sextant server one query and prints the cells as CSV, as `sextant query --format csv` does.

    query.py ADDRESS [--tenant TENANT] < QUERY.json

QUERY.json is a QueryMetricsRequest in protobuf's JSON form. The messages are generated from proto/ at the start,
with Debian's protoc: nothing of Sextant but its .proto files is used.
"""
import argparse
import importlib
import pathlib
import subprocess
import sys
import tempfile
import zlib

import google
import grpc
from google.protobuf import json_format

PROTO_FOLDER = pathlib.Path(__file__).resolve().parents[2] / "proto"
DEADLINE_S = 60


def load_messages(folder):
    """Generates sextant.v1 and google.rpc into `folder` and returns modules of the former."""
    files = sorted(str(path.relative_to(PROTO_FOLDER)) for path in PROTO_FOLDER.rglob("*.proto"))
    subprocess.run(
        ["protoc", f"-I{PROTO_FOLDER}", f"--python_out={folder}", f"--grpc_out={folder}",
         "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin", *files], check=True, stderr=subprocess.PIPE)
    sys.path.insert(0, folder)
    google.__path__.append(str(pathlib.Path(folder) / "google"))  # beside the installed google.protobuf
    return (importlib.import_module("sextant.v1.metric_service_pb2"),
            importlib.import_module("sextant.v1.metric_service_pb2_grpc"),
            importlib.import_module("sextant.v1.result_pb2"))


def column_values(column, row_count):
    """The values of a ColumnData, None where a row has none."""
    kind = column.WhichOneof("values")
    data = getattr(column, kind) if kind else None
    if kind == "texts":
        # Where all rows are null there is no text at all.
        values = [data.values[code] if data.values else None for code in data.codes]
    else:
        values = list(data.values) if data else [None] * row_count
    if len(values) != row_count:
        raise ValueError(f"a column has {len(values)} values, its batch {row_count} rows")
    if column.validity:
        values = [v if column.validity[i // 8] >> (i % 8) & 1 else None for i, v in enumerate(values)]
    return values


def csv_field(text):
    """NULL is an empty field, an empty text is quoted."""
    if text is None:
        return ""
    if text == "" or any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


class Answer:
    """The frames of one answer, checked: header first, then batches, then a summary that counts them."""

    def __init__(self, result_pb2):
        self._roles = result_pb2.ColumnRole
        self._types = result_pb2.DataType
        self.header = None
        self.batches = []
        self.summary = None
        self._crc32 = 0

    def add(self, frame):
        kind = frame.WhichOneof("frame")
        if self.summary is not None:
            raise ValueError(f"a frame '{kind}' after the summary")
        if (kind == "header") != (self.header is None):
            raise ValueError(f"a frame '{kind}' where {'a' if self.header is None else 'no'} header is due")
        if kind == "header":
            self.header = frame.header
        elif kind == "batch":
            self.batches.append(frame.batch)
            self._crc32 = zlib.crc32(frame.batch.SerializeToString(), self._crc32)
        elif kind == "summary":
            self.summary = frame.summary

    def check(self):
        if self.summary is None:
            raise ValueError("the stream ended without its summary: the answer is void")
        num_rows = sum(batch.row_count for batch in self.batches)
        found = (len(self.batches), num_rows, self._crc32)
        said = (self.summary.batch_count, self.summary.cells, self.summary.batches_crc32)
        if found != said:
            raise ValueError(f"found (batches, cells, crc32) {found}, the summary says {said}")

    def rows(self):
        for batch in self.batches:
            columns = [column_values(column, batch.row_count) for column in batch.columns]
            for row in zip(*columns):
                yield [self._cell(meta, value, row) for meta, value in zip(self.header.columns, row)]

    def _cell(self, meta, value, row):
        if value is None:
            return None
        if meta.role == self._roles.Value("COLUMN_ROLE_SERIES"):
            return self.header.series[value].interval
        if meta.role == self._roles.Value("COLUMN_ROLE_START"):
            return self.header.series[self._series_of(row)].borders[value]
        if meta.type == self._types.Value("DATA_TYPE_BOOL"):
            return "true" if value else "false"
        return str(value)

    def _series_of(self, row):
        for meta, value in zip(self.header.columns, row):
            if meta.role == self._roles.Value("COLUMN_ROLE_SERIES"):
                return value
        return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--tenant")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service_pb2, service_grpc, result_pb2 = load_messages(folder)
        request = json_format.Parse(sys.stdin.read(), service_pb2.QueryMetricsRequest())
        metadata = [("x-sextant-tenant", arguments.tenant)] if arguments.tenant else []
        answer = Answer(result_pb2)
        with grpc.insecure_channel(arguments.address) as channel:
            stub = service_grpc.MetricServiceStub(channel)
            try:
                for frame in stub.QueryMetrics(request, timeout=DEADLINE_S, metadata=metadata):
                    answer.add(frame)
            except grpc.RpcError as error:
                sys.exit(f"query.py: {error.code().name}: {error.details()}")
        answer.check()
        print(",".join(csv_field(column.name) for column in answer.header.columns))
        for row in answer.rows():
            print(",".join(csv_field(text) for text in row))


if __name__ == "__main__":
    main()
