# <expression> read_secret("example/api-key")
# <needs> pip conjur-api 0.2.0
# <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
# <imports>
import os
from conjur_api import Client
from conjur_api.errors.errors import HttpError, HttpStatusError
from conjur_api.models import ConjurConnectionInfo, CredentialsData, SslVerificationMode
from conjur_api.providers import AuthnAuthenticationStrategy, SimpleCredentialsProvider
# </imports>


# <function>
def read_secret(variable: str) -> str:
    """The value of a variable of Conjur."""
    names = ("CONJUR_APPLIANCE_URL", "CONJUR_ACCOUNT", "CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY")
    for name in names:
        if not os.environ.get(name):
            raise RuntimeError(f"The environment variable {name} is not set. Set it before the program starts.")
    url, account, login, key = (os.environ[name] for name in names)
    certificate = os.environ.get("CONJUR_CERT_FILE")
    mode = SslVerificationMode.CA_BUNDLE if certificate else SslVerificationMode.TRUST_STORE
    credentials = SimpleCredentialsProvider()
    credentials.save(CredentialsData(machine=url, username=login, api_key=key))
    try:
        client = Client(
            ConjurConnectionInfo(conjur_url=url, account=account, cert_file=certificate),
            ssl_verification_mode=mode,
            authn_strategy=AuthnAuthenticationStrategy(credentials),
            async_mode=False,
        )
        value = client.get(variable).decode("utf-8")
    except HttpStatusError as error:
        if error.status == 401:
            raise RuntimeError(f"Conjur did not let {login} in. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY.") from None
        if error.status == 403:
            raise RuntimeError(f"{login} may not read {variable}. Permit it execute on the variable.") from None
        if error.status == 404:
            raise RuntimeError(f"Conjur has no value for {variable}, or {login} may not see it. Set it, or check the name.") from None
        raise RuntimeError(f"Conjur refused to give {variable}: status {error.status}.") from None
    except HttpError as error:
        raise RuntimeError(f"Conjur cannot be reached for {variable} ({type(error).__name__}). Check CONJUR_APPLIANCE_URL.") from None
    if not value:
        raise RuntimeError(f"The variable {variable} is empty. Set it.")
    return value
# </function>


if __name__ == "__main__":
    secret = read_secret("example/api-key")
    # <use>
    print(f"The secret has {len(secret)} characters.")
    # </use>
