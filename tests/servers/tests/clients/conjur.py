"""The official client, which knows the real Conjur, finds what it expects in ours."""

import os
import tempfile

from conjur_api import Client
from conjur_api.errors.errors import HttpStatusError
from conjur_api.models import ConjurConnectionInfo, CredentialsData, Resource
from conjur_api.providers import AuthnAuthenticationStrategy, SimpleCredentialsProvider

url = os.environ["CONJUR_APPLIANCE_URL"]


def client(login, **credential):
    credentials = SimpleCredentialsProvider()
    credentials.save(CredentialsData(machine=url, username=login, **credential))
    information = ConjurConnectionInfo(conjur_url=url, account=os.environ["CONJUR_ACCOUNT"])
    return Client(information, authn_strategy=AuthnAuthenticationStrategy(credentials), async_mode=False)


def refused(status, call, *args):
    try:
        call(*args)
    except HttpStatusError as error:
        assert error.status == status, error
        return
    raise AssertionError(f"{status} was expected")


def policy(text):
    file = tempfile.NamedTemporaryFile("w", suffix=".yml", delete=False)
    file.write(text)
    file.close()
    return file.name


admin = client("admin", password=os.environ["CONJUR_PASSWORD"])
assert admin.login() == os.environ["CONJUR_AUTHN_API_KEY"]
assert admin.whoami()["username"] == "admin"
loaded = admin.load_policy_file(
    "root",
    policy(
        """
- !policy
  id: app
  body:
    - !variable key
    - !variable
      id: other key
    - !host robot
    - !permit
      role: !host robot
      privileges: [ read, execute ]
      resources:
        - !variable key
    - !permit
      role: !host robot
      privilege: read
      resource: !variable other key
"""
    ),
)
robot_key = loaded["created_roles"]["test:host:app/robot"]["api_key"]
assert loaded["version"] == 1
refused(404, admin.get, "app/key")
admin.set("app/key", "one")
admin.set("app/other key", "two")
assert admin.get("app/key") == b"one"
assert admin.get_many("app/key", "app/other key") == {"app/key": "one", "app/other key": "two"}
refused(404, admin.set, "app/none", "x")
refused(422, admin.load_policy_file, "root", policy("- !nonsense x\n"))
refused(422, admin.load_policy_file, "root", policy("variable: x\n"))
refused(404, admin.load_policy_file, "none", policy("- !variable x\n"))
assert "test:variable:app/key" in [item if isinstance(item, str) else item["id"] for item in admin.list()]
for number in range(25):
    admin.set("app/key", f"value {number}")
assert admin.get("app/key", 26) == b"value 24"
refused(404, admin.get, "app/key", 1)

robot = client("host/app/robot", api_key=robot_key)
assert robot.get("app/key") == b"value 24"
refused(403, robot.get, "app/other key")
refused(403, robot.set, "app/key", "x")
refused(404, robot.get, "app/none")
refused(403, robot.load_policy_file, "root", policy("- !variable x\n"))
refused(401, client("host/app/robot", api_key="wrong").get, "app/key")
new = admin.rotate_other_api_key(Resource("host", "app/robot"))
assert client("host/app/robot", api_key=new).get("app/key") == b"value 24"
refused(401, client("host/app/robot", api_key=robot_key).get, "app/key")
