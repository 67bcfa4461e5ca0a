"""A line of JSON with a call comes in, a line of JSON with its outcome goes out; see ../../protocol.ts."""

import json
import sys

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from wire import from_json, to_json

clients = {}


def client_for(endpoint, region, account):
    name = (endpoint, region, account)
    if name not in clients:
        clients[name] = boto3.client(
            "kms",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )
    return clients[name]


def outcome(target, operation, input):
    client = client_for(**target)
    if operation not in client.meta.service_model.operation_names:
        return {"unknown": operation}
    try:
        output = getattr(client, xform_name(operation))(**from_json(input))
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        return {
            "error": {"code": code, "type": type(error).__name__, "message": message},
            **metadata(error.response),
        }
    except BotoCoreError as error:
        return {"broken": f"{type(error).__name__}: {error}"}
    answer = metadata(output)
    del output["ResponseMetadata"]
    return {"output": to_json(output), **answer}


def metadata(response):
    found = response["ResponseMetadata"]
    return {"status": found["HTTPStatusCode"], "requestId": found.get("RequestId")}


for line in sys.stdin:
    print(json.dumps(outcome(**json.loads(line))), flush=True)
