# <expression> read_secret("example-api-key", "api_key")
# <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
# <imports>
import os
from pathlib import Path
# </imports>


# <function>
def read_secret(name: str, key: str) -> str:
    """A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR)."""
    path = Path(os.environ.get("SECRETS_DIR", "/etc/secrets"), name, key)
    try:
        value = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RuntimeError(f"There is no {path}. Mount the Secret {name} there, with a key {key}.") from None
    except OSError as error:
        raise RuntimeError(f"{path} cannot be read ({error.strerror}). Let the container's user read the mounted Secret.") from None
    if not value:
        raise RuntimeError(f"{path} is empty. Put the value into the key {key} of the Secret {name}.")
    return value
# </function>


if __name__ == "__main__":
    secret = read_secret("example-api-key", "api_key")
    # <use>
    print(f"The secret has {len(secret)} characters.")
    # </use>
