"""Signing in through Entra and by tokens of build pipelines, as the SDK does it in Azure and on GitHub.

Not played, since they are no dialogue with a workspace, with Entra or with the Kubernetes API:
- `azure-msi`: this SDK reads `azure_use_msi` and has no such method (a case below says so); the Go SDK has one.
- `azure-cli`, `databricks-cli`, `external-browser`: they run a program or a browser of a person's machine.
- `metadata-service`, `runtime`, `model-serving`: they read a token that another process of Databricks left on the machine.
- `google-credentials`, `google-id`: they sign by Google's own libraries and services; the operator has no such method.
- `basic`: Databricks ended passwords for the REST API (docs: "Basic authentication (legacy)").
"""

import contextlib
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Iterator

from databricks.sdk.environments import ARM_DATABRICKS_RESOURCE_ID, AzureEnvironment, Cloud, DatabricksEnvironment

from support import Mock, case, equal, raises
from sign_in_cases import TOKENS, variable

ENTRA = os.environ["MOCK_ENTRA"]
APPLICATION = {"azure_client_id": "app-1", "azure_tenant_id": "tenant-1"}
SECRET = {**APPLICATION, "azure_client_secret": "s3cret-of-entra"}


def azure() -> DatabricksEnvironment:
    """Azure, with Entra's stand-in where Entra is: the SDK takes its address from here alone."""
    return DatabricksEnvironment(
        Cloud.AZURE,
        ".azuredatabricks.net",
        azure_application_id=ARM_DATABRICKS_RESOURCE_ID,
        azure_environment=AzureEnvironment(
            name="PUBLIC",
            service_management_endpoint="https://management.core.windows.net/",
            resource_manager_endpoint=f"{ENTRA}/",
            active_directory_endpoint=f"{ENTRA}/",
        ),
    )


@contextlib.contextmanager
def pipeline(token: str) -> Iterator[str]:
    """The service of a build system that gives a job its token: GitHub's answers a GET, Azure DevOps' a POST."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer({"value": token})

        def do_POST(self):
            self.answer({"oidcToken": token})

        def answer(self, body: dict):
            known = self.headers["authorization"] == "Bearer of-the-job"
            self.send_response(200 if known else 401)
            self.end_headers()
            self.wfile.write(json.dumps(body if known else {}).encode())

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name, value in values.items():
            stack.enter_context(variable(name, value))
        yield


def of_github(url: str) -> dict[str, str]:
    return {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}?job=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-job"}


@case("azure", "azure-client-secret: an Entra application signs in with its secret")
def _(mock: Mock):
    w = mock.client(auth_type="azure-client-secret", databricks_environment=azure(), **SECRET)
    equal(w.current_user.me().user_name, "app-1")


@case("azure", "azure-client-secret: without a tenant the workspace's sign-in page names it")
def _(mock: Mock):
    nameless = {name: value for name, value in SECRET.items() if name != "azure_tenant_id"}
    w = mock.client(auth_type="azure-client-secret", databricks_environment=azure(), **nameless)
    equal(w.current_user.me().user_name, "app-1")
    equal(w.config.azure_tenant_id, "tenant-1")


@case("azure", "azure-client-secret: an application that is no member says so by the resource's id and a second token")
def _(mock: Mock):
    w = mock.client(databricks_environment=azure(), azure_workspace_resource_id="/subscriptions/1", **SECRET)
    equal(w.current_user.me().user_name, "app-1")
    headers = w.config.authenticate()
    equal(headers["X-Databricks-Azure-Workspace-Resource-Id"], "/subscriptions/1")
    assert headers["X-Databricks-Azure-SP-Management-Token"] not in headers["Authorization"]


@case("azure", "azure-client-secret: a wrong secret, and an application that is not there, are refused in Entra's words")
def _(mock: Mock):
    for wrong, said in [({"azure_client_secret": "another"}, "AADSTS7000215"), ({"azure_client_id": "x"}, "AADSTS700016")]:
        with raises(ValueError, said):
            mock.client(databricks_environment=azure(), **{**SECRET, **wrong}).current_user.me()


@case("azure", "github-oidc-azure: a federated token stands for an Entra application, and a stranger's does not")
def _(mock: Mock):
    for name, error in [("for Entra", None), ("stranger", "AADSTS70021")]:
        with pipeline(TOKENS[name]) as url, variables(of_github(url)):
            how = {"auth_type": "github-oidc-azure", "databricks_environment": azure(), **APPLICATION}
            if error is None:
                equal(mock.client(**how).current_user.me().user_name, "app-1")
            else:
                with raises(ValueError, error):
                    mock.client(**how).current_user.me()


@case("azure", "azure-msi: this SDK has no such method")
def _(mock: Mock):
    with raises(ValueError, "cannot configure default credentials"):
        mock.client(auth_type="azure-msi", azure_use_msi=True, databricks_environment=azure())


@case("federation", "github-oidc: a build's token is exchanged for one of the principal that trusts it")
def _(mock: Mock):
    with pipeline(TOKENS["trusted"]) as url, variables(of_github(url)):
        w = mock.client(auth_type="github-oidc", client_id="app", token_audience="databricks")
        equal(w.current_user.me().user_name, "app")


@case("federation", "azure-devops-oidc: a build's token is exchanged for one of the principal that trusts it")
def _(mock: Mock):
    with pipeline(TOKENS["trusted"]) as url:
        build = {"ACCESSTOKEN": "of-the-job", "TEAMFOUNDATIONCOLLECTIONURI": url, "TEAMPROJECTID": "1", "PLANID": "1"}
        names = {**build, "JOBID": "1", "HOSTTYPE": "build"}
        with variables({f"SYSTEM_{name}": value for name, value in names.items()}):
            w = mock.client(auth_type="azure-devops-oidc", client_id="app")
            equal(w.current_user.me().user_name, "app")
