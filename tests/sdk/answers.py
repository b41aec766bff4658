"""Which dataclass of the SDK reads which answer, and whether it holds all that the mock put into it.

The SDK passes over fields that it does not know, and reads an enum value that it does not know as None. So an answer
goes through its dataclass and back, and what is missing then is something that the mock made up.
"""

import re

from databricks.sdk.service import iam, jobs, workspace


class Nothing:
    """An answer that says only that it was done."""

    @classmethod
    def from_dict(cls, _answer):
        return cls()

    def as_dict(self):
        return {}


JOBS = r"/api/2\.2/jobs"
SECRETS = "/api/2.0/secrets"
CREDENTIALS = "/api/2.0/git-credentials"
REPOS = "/api/2.0/repos"
PERMISSIONS = r"/api/2\.0/permissions/(sql/)?[\w-]+/\w+"
WORKSPACE = "/api/2.0/workspace"

READERS = {
    f"GET {JOBS}/get": jobs.Job,
    f"GET {JOBS}/list": jobs.ListJobsResponse,
    f"POST {JOBS}/create": jobs.CreateResponse,
    f"POST {JOBS}/(reset|update|delete)": Nothing,
    f"POST {JOBS}/(run-now|runs/submit)": jobs.RunNowResponse,
    f"GET {JOBS}/runs/get": jobs.Run,
    f"GET {JOBS}/runs/list": jobs.ListRunsResponse,
    f"POST {JOBS}/runs/(cancel|cancel-all|delete)": Nothing,
    f"GET {JOBS}/runs/get-output": jobs.RunOutput,
    f"GET {JOBS}/runs/export": jobs.ExportRunOutput,
    f"POST {JOBS}/runs/repair": jobs.RepairRunResponse,
    f"GET {CREDENTIALS}": workspace.ListCredentialsResponse,
    f"POST {CREDENTIALS}": workspace.CreateCredentialsResponse,
    rf"GET {CREDENTIALS}/\d+": workspace.GetCredentialsResponse,
    rf"(PATCH|DELETE) {CREDENTIALS}/\d+": Nothing,
    f"GET {REPOS}": workspace.ListReposResponse,
    f"POST {REPOS}": workspace.CreateRepoResponse,
    rf"GET {REPOS}/\d+": workspace.GetRepoResponse,
    rf"(PATCH|DELETE) {REPOS}/\d+": Nothing,
    f"GET {WORKSPACE}/get-status": workspace.ObjectInfo,
    f"GET {WORKSPACE}/list": workspace.ListResponse,
    f"GET {WORKSPACE}/export": workspace.ExportResponse,
    f"POST {WORKSPACE}/(mkdirs|import|delete)": Nothing,
    f"GET {SECRETS}/scopes/list": workspace.ListScopesResponse,
    f"GET {SECRETS}/list": workspace.ListSecretsResponse,
    f"GET {SECRETS}/get": workspace.GetSecretResponse,
    f"GET {SECRETS}/acls/list": workspace.ListAclsResponse,
    f"GET {SECRETS}/acls/get": workspace.AclItem,
    f"POST {SECRETS}/(scopes/create|scopes/delete|put|delete|acls/put|acls/delete)": Nothing,
    f"(GET|PUT|PATCH) {PERMISSIONS}": iam.ObjectPermissions,
    f"GET {PERMISSIONS}/permissionLevels": iam.GetPermissionLevelsResponse,
    "GET /api/2.0/preview/scim/v2/Me": iam.User,
}

#: What was lost, as "METHOD /path field.field".
lost: set[str] = set()
#: Endpoints whose answers no reader is named for.
unread: set[str] = set()
#: The readers that had something to read.
used: set[str] = set()


def check(method: str, path: str, answer: dict) -> None:
    """Notes what of an answer the SDK's dataclass does not hold."""
    line = f"{method} {path}"
    pattern = next((pattern for pattern in READERS if re.fullmatch(pattern, line)), None)
    if pattern is None:
        unread.add(line)
        return
    used.add(pattern)
    # The SDK puts the headers that it was asked for, and the stream of a download, beside the fields.
    answer = {name: value for name, value in answer.items() if not name.startswith("X-") and name != "contents"}
    reader = READERS[pattern]
    short = re.sub(r"\d{6,}", "{id}", line)
    lost.update(f"{short} {where}" for where in missing(answer, reader.from_dict(answer).as_dict()))


def missing(given, held, where: str = "") -> list[str]:
    """The paths whose values differ; what is empty may be left out."""
    if isinstance(given, dict) and isinstance(held, dict):
        fields = [(value, held.get(name), f"{where}.{name}".lstrip(".")) for name, value in given.items()]
    elif isinstance(given, list) and isinstance(held, list) and len(given) == len(held):
        fields = [(value, held[index], f"{where}[]") for index, value in enumerate(given)]
    else:
        return [] if given == held or (not given and not held) else [where]
    return [path for field in fields for path in missing(*field)]
