"""Secret scopes, secrets and access lists."""

from base64 import b64decode, b64encode

from databricks.sdk.errors import BadRequest, InvalidParameterValue, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service.workspace import AclPermission, AzureKeyVaultSecretScopeMetadata, ScopeBackendType

from support import Mock, case, equal, raises


def scopes(w) -> dict:
    """The scopes by their names."""
    return {scope.name: scope for scope in w.secrets.list_scopes()}


@case("secrets", "a workspace without scopes lists none")
def _(mock: Mock):
    equal(list(mock.client().secrets.list_scopes()), [])


@case("secrets", "a scope is created, listed and deleted")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("made")
    equal(scopes(w)["made"].backend_type, ScopeBackendType.DATABRICKS)
    equal(list(w.secrets.list_secrets("made")), [])
    w.secrets.delete_scope("made")
    assert "made" not in scopes(w)


@case("secrets", "a scope that exists is ResourceAlreadyExists")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("twice")
    with raises(ResourceAlreadyExists, "Scope twice already exists"):
        w.secrets.create_scope("twice")


@case("secrets", "a scope's name that Databricks refuses is InvalidParameterValue")
def _(mock: Mock):
    w = mock.client()
    for name in ["with space", "a" * 129, "ä"]:
        with raises(InvalidParameterValue, "scope name"):
            w.secrets.create_scope(name)


@case("secrets", "everything about an unknown scope is ResourceDoesNotExist")
def _(mock: Mock):
    secrets = mock.client().secrets
    for call in [
        lambda: secrets.delete_scope("unknown"),
        lambda: secrets.list_secrets("unknown"),
        lambda: secrets.put_secret("unknown", "k", string_value="v"),
        lambda: secrets.get_secret("unknown", "k"),
        lambda: secrets.delete_secret("unknown", "k"),
        lambda: secrets.list_acls("unknown"),
        lambda: secrets.put_acl("unknown", "users", AclPermission.READ),
        lambda: secrets.delete_acl("unknown", "users"),
    ]:
        with raises(ResourceDoesNotExist, "Scope unknown does not exist"):
            call()


@case("secrets", "text is put, listed by key, and read back as base64")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("text")
    w.secrets.put_secret("text", "password", string_value="grün\n")
    [found] = w.secrets.list_secrets("text")
    assert found.key == "password" and found.last_updated_timestamp > 1_600_000_000_000, found
    secret = w.secrets.get_secret("text", "password")
    equal((secret.key, b64decode(secret.value).decode()), ("password", "grün\n"))


@case("secrets", "bytes are put as base64")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("bytes")
    value = bytes(range(256))
    w.secrets.put_secret("bytes", "key", bytes_value=b64encode(value).decode())
    equal(b64decode(w.secrets.get_secret("bytes", "key").value), value)


@case("secrets", "a put overwrites, and the time of change rises")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("over")
    stamps = []
    for value in ["a", "b", "b"]:
        w.secrets.put_secret("over", "key", string_value=value)
        stamps += [one.last_updated_timestamp for one in w.secrets.list_secrets("over")]
    assert stamps[0] < stamps[1] < stamps[2] and len(stamps) == 3, stamps


@case("secrets", "a put takes either text or bytes, not both and not none")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("either")
    for values in [{}, {"string_value": "a", "bytes_value": "YQ=="}]:
        with raises(BadRequest, "string_value and bytes_value"):
            w.secrets.put_secret("either", "key", **values)


@case("secrets", "a value of 128 KiB is the longest")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("long")
    w.secrets.put_secret("long", "key", string_value="a" * 128 * 1024)
    with raises(InvalidParameterValue, "exceeds"):
        w.secrets.put_secret("long", "key", string_value="a" * (128 * 1024 + 1))


@case("secrets", "a deleted secret is ResourceDoesNotExist")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("less")
    w.secrets.put_secret("less", "key", string_value="a")
    w.secrets.delete_secret("less", "key")
    for call in [w.secrets.delete_secret, w.secrets.get_secret]:
        with raises(ResourceDoesNotExist, "key"):
            call("less", "key")


@case("secrets", "a scope's maker manages it, and access is put, read and taken away")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("acls")
    items = lambda: {item.principal: item.permission for item in w.secrets.list_acls("acls")}
    equal(items(), {"operator@example.com": AclPermission.MANAGE})
    w.secrets.put_acl("acls", "readers", AclPermission.READ)
    w.secrets.put_acl("acls", "readers", AclPermission.WRITE)
    equal(w.secrets.get_acl("acls", "readers").permission, AclPermission.WRITE)
    w.secrets.delete_acl("acls", "readers")
    equal(list(items()), ["operator@example.com"])
    for call in [w.secrets.get_acl, w.secrets.delete_acl]:
        with raises(ResourceDoesNotExist, "readers"):
            call("acls", "readers")


@case("secrets", "initial_manage_principal may only be users")
def _(mock: Mock):
    w = mock.client()
    w.secrets.create_scope("everybody", initial_manage_principal="users")
    equal([item.principal for item in w.secrets.list_acls("everybody")], ["users"])
    with raises(BadRequest, "users"):
        w.secrets.create_scope("somebody", initial_manage_principal="me@example.com")


@case("secrets", "a scope in an Azure Key Vault names its vault and is read-only")
def _(mock: Mock):
    w = mock.client()
    vault = AzureKeyVaultSecretScopeMetadata("/subscriptions/1/vault", "https://vault.example.com/")
    w.secrets.create_scope("vault", scope_backend_type=ScopeBackendType.AZURE_KEYVAULT, backend_azure_keyvault=vault)
    found = scopes(w)["vault"]
    equal((found.backend_type, found.keyvault_metadata), (ScopeBackendType.AZURE_KEYVAULT, vault))
    with raises(BadRequest, "read-only"):
        w.secrets.put_secret("vault", "key", string_value="a")
