# <expression> read_secret("secret/example/api-key", "api_key")
# <needs> pip hvac 2.4.0
# <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
# <imports>
import os
import hvac
import requests
# </imports>


# <function>
def read_secret(path: str, field: str) -> str:
    """A field of a secret in Vault; the path begins with that of its KV engine (version 2)."""
    for name in ("VAULT_ADDR", "VAULT_TOKEN"):
        if not os.environ.get(name):
            raise RuntimeError(f"The environment variable {name} is not set. Set it before the program starts.")
    mount, _, name = path.partition("/")
    client = hvac.Client(url=os.environ["VAULT_ADDR"], token=os.environ["VAULT_TOKEN"], timeout=10)
    try:
        answer = client.secrets.kv.v2.read_secret_version(name, mount_point=mount, raise_on_deleted_version=True)
        value = answer["data"]["data"].get(field)
    except hvac.exceptions.InvalidPath:
        raise RuntimeError(f"Vault has no secret {path}. Create it, or check the path.") from None
    except hvac.exceptions.Forbidden:
        raise RuntimeError(f"The token in VAULT_TOKEN may not read {path}. Give it a policy with read on {mount}/data/{name}.") from None
    except (requests.RequestException, hvac.exceptions.VaultError, KeyError, TypeError) as error:
        raise RuntimeError(f"Vault cannot be reached for {path} ({type(error).__name__}). Check VAULT_ADDR, and whether it is sealed.") from None
    if not isinstance(value, str) or not value:
        raise RuntimeError(f"The secret {path} has no field {field}. Store it there.")
    return value
# </function>


if __name__ == "__main__":
    secret = read_secret("secret/example/api-key", "api_key")
    # <use>
    print(f"The secret has {len(secret)} characters.")
    # </use>
