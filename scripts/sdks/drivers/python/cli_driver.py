"""Runs the `aws` command for each line of JSON with a call; see ../../protocol.ts.

The command prints neither the HTTP status nor the request id.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile

# The command brings a botocore of its own, which takes the place of an installed one.
import awscli  # noqa: F401
import botocore.session
from botocore import xform_name
from dateutil.parser import isoparse
from wire import from_json

model = botocore.session.get_session().get_service_model("kms")
command = os.path.join(os.path.dirname(sys.executable), "aws")
failure = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation: ?(.*)", re.DOTALL)


def outcome(target, operation, input):
    if operation not in model.operation_names:
        return {"unknown": operation}
    shape = model.operation_model(operation)
    with tempfile.TemporaryDirectory(prefix="keyglot-cli-") as folder:
        options = [
            word
            for name, value in from_json(input).items()
            for word in option(name, value, shape.input_shape.members.get(name), folder)
        ]
        done = subprocess.run(
            [command, "kms", xform_name(operation, "-"), *options]
            + ["--endpoint-url", target["endpoint"], "--region", target["region"]]
            + ["--output", "json", "--no-paginate"],
            env={
                **os.environ,
                "AWS_ACCESS_KEY_ID": target["account"],
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_MAX_ATTEMPTS": "1",
            },
            capture_output=True,
            text=True,
        )
    if done.returncode == 0:
        output = json.loads(done.stdout) if done.stdout.strip() else {}
        return {"output": typed(output, shape.output_shape)}
    found = failure.search(done.stderr)
    if found is None:
        return {"broken": f"exit code {done.returncode}: {done.stderr.strip()}"}
    code, message = found.groups()
    return {"error": {"code": code, "message": message.rstrip("\n")}}


def option(name, value, shape, folder):
    flag = "--" + xform_name(name, "-")
    if shape is None:
        return [flag, json.dumps(value)]
    if shape.type_name == "boolean":
        return [flag if value else flag.replace("--", "--no-", 1)]
    if shape.type_name == "blob":
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(value)
        return [flag, f"fileb://{path}"]
    if shape.type_name == "timestamp":
        return [flag, value.isoformat()]
    return [flag, value if isinstance(value, str) else json.dumps(value)]


def typed(value, shape):
    """The command prints bytes and times as text; the model tells which those are."""
    if shape is None:
        return value
    if shape.type_name == "structure":
        return {name: typed(item, shape.members.get(name)) for name, item in value.items()}
    if shape.type_name == "list":
        return [typed(item, shape.member) for item in value]
    if shape.type_name == "blob":
        return {"$blob": base64.b64encode(base64.b64decode(value, validate=True)).decode()}
    if shape.type_name == "timestamp":
        return {"$time": value if isinstance(value, (int, float)) else isoparse(value).timestamp()}
    return value


for line in sys.stdin:
    print(json.dumps(outcome(**json.loads(line))), flush=True)
