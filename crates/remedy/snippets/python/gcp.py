# <expression> read_secret("example-api-key")
# <needs> pip google-cloud-secret-manager 2.32.0
# <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
# <imports>
import os
from google.api_core.exceptions import GoogleAPIError, NotFound, PermissionDenied
from google.auth.exceptions import GoogleAuthError
from google.cloud import secretmanager
# </imports>


# <function>
def read_secret(name: str) -> str:
    """The newest version of a secret in the project GOOGLE_CLOUD_PROJECT."""
    project = os.environ.get("GOOGLE_CLOUD_PROJECT")
    if not project:
        raise RuntimeError("The environment variable GOOGLE_CLOUD_PROJECT is not set. Set it before the program starts.")
    try:
        client = secretmanager.SecretManagerServiceClient()
        answer = client.access_secret_version(name=f"projects/{project}/secrets/{name}/versions/latest", timeout=10)
        value = answer.payload.data.decode("utf-8")
    except NotFound:
        raise RuntimeError(f"The project {project} has no secret {name} with a value. Create it, or check the name.") from None
    except PermissionDenied:
        raise RuntimeError(f"These credentials may not read {name}. Give them the role Secret Manager Secret Accessor.") from None
    except (GoogleAPIError, GoogleAuthError) as error:
        raise RuntimeError(f"Secret Manager cannot be reached for {name} ({type(error).__name__}). Check network and credentials.") from None
    if not value:
        raise RuntimeError(f"The secret {name} is empty. Add a version with the value.")
    return value
# </function>


if __name__ == "__main__":
    secret = read_secret("example-api-key")
    # <use>
    print(f"The secret has {len(secret)} characters.")
    # </use>
