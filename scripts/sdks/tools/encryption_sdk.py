"""encryption_sdk.py encrypt|decrypt <endpoint> <key ARN,...> <file> <target>: AWS Encryption SDK for Python.

The keyring is of the Material Providers Library; the first key is the generator.
"""

import sys
from pathlib import Path

import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsKeyringInput,
    CreateMultiKeyringInput,
)
from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

CONTEXT = {"purpose": "round trip"}

direction, endpoint, keys, file, target = sys.argv[1:]
providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


def keyring_of(arn):
    client = boto3.client(
        "kms",
        endpoint_url=endpoint,
        region_name=arn.split(":")[3],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    return providers.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=arn, kms_client=client))


generator, *others = [keyring_of(arn) for arn in keys.split(",")]
keyring = providers.create_multi_keyring(
    CreateMultiKeyringInput(generator=generator, child_keyrings=others)
)
sdk = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
source = Path(file).read_bytes()
if direction == "encrypt":
    result, _ = sdk.encrypt(source=source, keyring=keyring, encryption_context=CONTEXT)
else:
    try:
        result, header = sdk.decrypt(source=source, keyring=keyring)
    except AWSEncryptionSDKClientError as error:
        # What each key said is only in here.
        sys.exit("\n".join(repr(one) for one in error.args[0].list))
    assert header.encryption_context["purpose"] == CONTEXT["purpose"]
Path(target).write_bytes(result)
