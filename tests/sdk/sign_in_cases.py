"""Signing in by signed tokens of Kubernetes, as workload identity federation does it, and tokens that are revoked."""

import contextlib
import json
import os
import tempfile
from typing import Iterator

from databricks.sdk.errors import Unauthenticated

from support import Mock, case, equal, raises

TOKENS: dict[str, str] = json.loads(os.environ["MOCK_FEDERATED"])


@contextlib.contextmanager
def token_file(token: str) -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(token)
        file.flush()
        yield file.name


@contextlib.contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


@case("federation", "file-oidc: a ServiceAccount's signed token signs in as the principal that trusts it")
def _(mock: Mock):
    with token_file(TOKENS["trusted"]) as path:
        w = mock.client(auth_type="file-oidc", oidc_token_filepath=path, client_id="app")
        equal(w.current_user.me().user_name, "app")


@case("federation", "env-oidc: the same token signs in from an environment variable")
def _(mock: Mock):
    with variable("DATABRICKS_OIDC_TOKEN", TOKENS["trusted"]):
        w = mock.client(auth_type="env-oidc", client_id="app")
        equal(w.current_user.me().user_name, "app")


@case("federation", "tokens of another ServiceAccount, for another audience, or signed by nobody are refused")
def _(mock: Mock):
    head, claims, _signature = TOKENS["trusted"].split(".")
    for token in [TOKENS["stranger"], TOKENS["for another audience"], f"{head}.{claims}.AAAA"]:
        with token_file(token) as path, raises(ValueError, "invalid_grant"):
            mock.client(auth_type="file-oidc", oidc_token_filepath=path, client_id="app").current_user.me()


@case("federation", "two methods at once are refused, as they are in a Secret of the operator")
def _(mock: Mock):
    with raises(ValueError, "more than one authorization method configured"):
        mock.client(token="token", client_id="app", client_secret="s3cret/+ä")


@case("federation", "tokens that are revoked in mid-flight are refused, and a new sign-in works")
def _(mock: Mock):
    how = {"client_id": "app", "client_secret": "s3cret/+ä"}
    w = mock.client(**how)
    equal(w.current_user.me().user_name, "app")
    mock.control("POST /_/revoke")
    with raises(Unauthenticated, "Credential was not sent"):
        w.current_user.me()
    equal(mock.client(**how).current_user.me().user_name, "app")
