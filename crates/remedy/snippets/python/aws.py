# <expression> read_secret("example/api-key", "api_key")
# <whole> read_secret("example/api-key")
# <needs> pip boto3 1.44.5
# <note> AWS_DEFAULT_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
# <imports>
import json
import boto3
from botocore.exceptions import BotoCoreError, ClientError
# </imports>


# <function>
def read_secret(name: str, field: str | None = None) -> str:
    """A secret of AWS Secrets Manager, or one field of it if it is a JSON object."""
    try:
        value = boto3.client("secretsmanager").get_secret_value(SecretId=name).get("SecretString")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise RuntimeError(f"AWS Secrets Manager has no secret {name}. Create it, or check its name and the region.") from None
        if code.startswith("AccessDenied"):
            raise RuntimeError(f"These AWS credentials may not read {name}. Allow them secretsmanager:GetSecretValue on it.") from None
        raise RuntimeError(f"AWS Secrets Manager refused to give {name}: {code}.") from None
    except BotoCoreError as error:
        raise RuntimeError(f"AWS Secrets Manager cannot be reached for {name} ({type(error).__name__}). Check network, region and credentials.") from None
    if field is not None:
        try:
            value = json.loads(value or "").get(field)
        except (ValueError, AttributeError):
            value = None
    if not isinstance(value, str) or not value:
        raise RuntimeError(f"The secret {name} holds no text in {field or 'its value'}. Store it there.")
    return value
# </function>


if __name__ == "__main__":
    secret = read_secret("example/api-key", "api_key")
    # <use>
    print(f"The secret has {len(secret)} characters.")
    # </use>
