"""hvac, which knows the real Vault, finds what it expects in ours."""

import os

import hvac
from hvac import exceptions


def raises(kind, call, *args, **named):
    try:
        call(*args, **named)
    except kind:
        return
    raise AssertionError(f"{kind} was expected")


url = os.environ["VAULT_ADDR"]
client = hvac.Client(url=url, token=os.environ["VAULT_TOKEN"])
assert client.is_authenticated()
assert not client.sys.is_sealed()
assert client.sys.read_health_status(method="GET")["initialized"]

kv = client.secrets.kv.v2
assert kv.create_or_update_secret("app/key", secret={"a": "1"})["data"]["version"] == 1
assert kv.create_or_update_secret("app/key", secret={"a": "2"}, cas=1)["data"]["version"] == 2
raises(exceptions.InvalidRequest, kv.create_or_update_secret, "app/key", secret={"a": "3"}, cas=1)
raises(exceptions.InvalidRequest, kv.create_or_update_secret, "app/key", secret={"a": "3"}, cas=0)
assert kv.patch("app/key", secret={"b": "x"})["data"]["version"] == 3
answer = kv.read_secret_version("app/key", raise_on_deleted_version=True)
assert answer["data"]["data"] == {"a": "2", "b": "x"}
assert answer["data"]["metadata"]["version"] == 3
assert kv.read_secret_version("app/key", version=1, raise_on_deleted_version=True)["data"]["data"] == {"a": "1"}
assert kv.read_secret_metadata("app/key")["data"]["current_version"] == 3
assert kv.list_secrets("")["data"]["keys"] == ["app/"]
assert kv.list_secrets("app")["data"]["keys"] == ["key"]
kv.delete_secret_versions("app/key", [1])
raises(exceptions.InvalidPath, kv.read_secret_version, "app/key", version=1, raise_on_deleted_version=True)
kv.undelete_secret_versions("app/key", [1])
kv.destroy_secret_versions("app/key", [1])
assert kv.read_secret_metadata("app/key")["data"]["versions"]["1"]["destroyed"]
kv.delete_latest_version_of_secret("app/key")
raises(exceptions.InvalidPath, kv.read_secret_version, "app/key", raise_on_deleted_version=True)
deleted = kv.read_secret_version("app/key", raise_on_deleted_version=False)
assert deleted["data"]["data"] is None and deleted["data"]["metadata"]["deletion_time"]
kv.delete_metadata_and_all_versions("app/key")
raises(exceptions.InvalidPath, kv.read_secret_metadata, "app/key")
raises(exceptions.InvalidPath, kv.read_secret_version, "none", raise_on_deleted_version=True)

kv.update_metadata("strict", cas_required=True, max_versions=2)
raises(exceptions.InvalidRequest, kv.create_or_update_secret, "strict", secret={"a": "1"})
for number in range(4):
    kv.create_or_update_secret("strict", secret={"a": "1"}, cas=number)
versions = kv.read_secret_metadata("strict")["data"]["versions"]
assert [version["destroyed"] for version in versions.values()] == [True, True, False, False]

first = client.secrets.kv.v1
first.create_or_update_secret("app", secret={"a": "1"}, mount_point="kv1")
assert first.read_secret("app", mount_point="kv1")["data"] == {"a": "1"}
assert first.list_secrets("", mount_point="kv1")["data"]["keys"] == ["app"]
first.delete_secret("app", mount_point="kv1")
raises(exceptions.InvalidPath, first.read_secret, "app", mount_point="kv1")

mounts = client.sys.list_mounted_secrets_engines()["data"]
assert mounts["secret/"]["options"]["version"] == "2" and mounts["kv1/"]["options"]["version"] == "1"
raises(exceptions.InvalidPath, client.read, "nowhere/data/x") if client.read("nowhere/data/x") is not None else None

other = hvac.Client(url=url, namespace="team-a", token=os.environ["VAULT_TOKEN"])
other.secrets.kv.v2.create_or_update_secret("mine", secret={"a": "1"})
raises(exceptions.InvalidPath, kv.read_secret_version, "mine", raise_on_deleted_version=True)

role = hvac.Client(url=url)
# It takes the token of the environment by itself.
role.logout()
raises(exceptions.Forbidden, role.secrets.kv.v2.read_secret_version, "x", raise_on_deleted_version=True)
raises(exceptions.InvalidRequest, role.auth.approle.login, os.environ["ROLE_ID"], "wrong")
role.auth.approle.login(os.environ["ROLE_ID"], os.environ["SECRET_ID"])
kv.create_or_update_secret("shared/key", secret={"a": "1"})
assert role.secrets.kv.v2.read_secret_version("shared/key", raise_on_deleted_version=True)["data"]["data"]["a"] == "1"
raises(exceptions.Forbidden, role.secrets.kv.v2.create_or_update_secret, "shared/key", secret={"a": "2"})
raises(exceptions.Forbidden, role.secrets.kv.v2.read_secret_version, "strict", raise_on_deleted_version=True)
assert role.auth.token.lookup_self()["data"]["id"] == role.token
role.auth.token.revoke_self()
raises(exceptions.Forbidden, role.secrets.kv.v2.read_secret_version, "shared/key", raise_on_deleted_version=True)

client.sys.seal()
assert client.sys.is_sealed()
raises(exceptions.VaultDown, kv.read_secret_version, "shared/key", raise_on_deleted_version=True)
