"""Between the JSON of protocol.ts and the values of botocore."""

import base64
from datetime import datetime, timezone


def from_json(value):
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$blob" in value:
        return base64.b64decode(value["$blob"])
    if "$time" in value:
        return datetime.fromtimestamp(value["$time"], timezone.utc)
    return {name: from_json(item) for name, item in value.items()}


def to_json(value):
    if isinstance(value, bytes):
        return {"$blob": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"$time": value.timestamp()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {name: to_json(item) for name, item in value.items()}
    return value
