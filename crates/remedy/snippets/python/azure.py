# <expression> read_secret("example-api-key")
# <needs> pip azure-identity 1.27.0
# <needs> pip azure-keyvault-secrets 4.12.0
# <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
# <imports>
import os
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient
# </imports>


# <function>
def read_secret(name: str) -> str:
    """A secret of the Azure Key Vault at AZURE_KEYVAULT_URL."""
    vault = os.environ.get("AZURE_KEYVAULT_URL")
    if not vault:
        raise RuntimeError("The environment variable AZURE_KEYVAULT_URL is not set. Set it before the program starts.")
    try:
        value = SecretClient(vault_url=vault, credential=DefaultAzureCredential()).get_secret(name).value
    except ResourceNotFoundError:
        raise RuntimeError(f"The key vault has no secret {name}. Create it, or check the name.") from None
    except ClientAuthenticationError:
        raise RuntimeError(f"There is no identity of Azure that may log in to read {name}. Check the managed identity, or AZURE_CLIENT_ID.") from None
    except HttpResponseError as error:
        if error.status_code == 403:
            raise RuntimeError(f"This identity may not read {name}. Give it the role Key Vault Secrets User.") from None
        raise RuntimeError(f"The key vault refused to give {name}: status {error.status_code}.") from None
    except AzureError as error:
        raise RuntimeError(f"The key vault cannot be reached for {name} ({type(error).__name__}). Check AZURE_KEYVAULT_URL.") from None
    if not value:
        raise RuntimeError(f"The secret {name} is empty. Set it.")
    return value
# </function>


if __name__ == "__main__":
    secret = read_secret("example-api-key")
    # <use>
    print(f"The secret has {len(secret)} characters.")
    # </use>
