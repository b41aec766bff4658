"""Who may do what, who is who, and what the SDK makes of refusals and failures."""

import os
import tempfile

from databricks.sdk.errors import (
    DatabricksError,
    InternalError,
    InvalidParameterValue,
    PermissionDenied,
    ResourceDoesNotExist,
    Unauthenticated,
)
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

from support import Mock, StoppedClock, case, equal, raises, task

OWNER = AccessControlRequest(user_name="operator@example.com", permission_level=PermissionLevel.IS_OWNER)
VIEWERS = AccessControlRequest(group_name="viewers", permission_level=PermissionLevel.CAN_VIEW)
MISSING = 4611686018427387905


def make(w, name: str = "access") -> int:
    """Makes a job and gives its id."""
    return w.jobs.create(name=name, tasks=[task("a")]).job_id


def levels(found) -> dict:
    """The levels of an access list by principal."""
    entries = found.access_control_list
    return {(e.user_name or e.group_name): [p.permission_level for p in e.all_permissions] for e in entries}


@case("access", "a job is owned by its maker, and admins manage it")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w)
    found = w.permissions.get("jobs", str(job_id))
    equal((found.object_id, found.object_type), (f"/jobs/{job_id}", "job"))
    managed = {"operator@example.com": [PermissionLevel.IS_OWNER], "admins": [PermissionLevel.CAN_MANAGE]}
    equal(levels(found), managed)
    equal([p.inherited for e in found.access_control_list for p in e.all_permissions], [False, True])


@case("access", "set replaces the access list and wants exactly one owner")
def _(mock: Mock):
    w = mock.client()
    job_id = str(make(w))
    found = w.permissions.set("jobs", job_id, access_control_list=[OWNER, VIEWERS])
    equal(levels(found)["viewers"], [PermissionLevel.CAN_VIEW])
    equal(levels(w.permissions.set("jobs", job_id, access_control_list=[OWNER])).keys(), {OWNER.user_name, "admins"})
    other = AccessControlRequest(user_name="other@example.com", permission_level=PermissionLevel.IS_OWNER)
    for owners in [[], [OWNER, other]]:
        with raises(InvalidParameterValue, "exactly one owner"):
            w.permissions.set("jobs", job_id, access_control_list=[*owners, VIEWERS])


@case("access", "update adds to the access list")
def _(mock: Mock):
    w = mock.client()
    job_id = str(make(w))
    w.permissions.update("jobs", job_id, access_control_list=[VIEWERS])
    equal(levels(w.permissions.get("jobs", job_id)).keys(), {OWNER.user_name, "viewers", "admins"})


@case("access", "the permissions of a missing job are ResourceDoesNotExist")
def _(mock: Mock):
    with raises(ResourceDoesNotExist, "does not exist"):
        mock.client().permissions.get("jobs", str(MISSING))


@case("access", "the caller is the token's user")
def _(mock: Mock):
    equal(mock.client().current_user.me().user_name, "operator@example.com")


@case("access", "a wrong token is Unauthenticated")
def _(mock: Mock):
    for call in [lambda w: list(w.jobs.list()), lambda w: w.secrets.list_scopes(), make]:
        with raises(Unauthenticated):
            call(mock.client(token="wrong"))


@case("other dialect", "a workspace that says 403 for a wrong token raises PermissionDenied")
def _(mock: Mock):
    with raises(PermissionDenied, "Invalid access token"):
        list(mock.client(token="wrong").jobs.list())


@case("access", "OAuth M2M: one token of a client serves its calls, and the client is the caller")
def _(mock: Mock):
    with mock.calls() as calls:
        w = mock.client(client_id="app", client_secret="s3cret/+ä")
        equal(w.current_user.me().user_name, "app")
        equal(w.jobs.get(make(w)).creator_user_name, "app")
    equal(calls["POST /oidc/v1/token"], 1)
    equal((w.config.auth_type, w.config.oauth_token().token_type), ("oauth-m2m", "Bearer"))


@case("access", "OAuth M2M: a wrong secret is invalid_client")
def _(mock: Mock):
    with raises(ValueError, "invalid_client"):
        mock.client(client_id="app", client_secret="wrong").current_user.me()


@case("access", "workload identity: a federated token is exchanged for one of its client")
def _(mock: Mock):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "token")
        with open(path, "w", encoding="utf-8") as file:
            file.write("federated")
        w = mock.client(auth_type="file-oidc", oidc_token_filepath=path, client_id="app")
        equal(w.current_user.me().user_name, "app")
        with open(path, "w", encoding="utf-8") as file:
            file.write("of somebody else")
        with raises(ValueError, "invalid_grant"):
            mock.client(auth_type="file-oidc", oidc_token_filepath=path, client_id="app").current_user.me()


@case("faults", "after a 429 the SDK waits as long as Retry-After says")
def _(mock: Mock):
    clock = StoppedClock()
    w = mock.client(token="token", clock=clock)
    with mock.fault("jobs/create", status=429, headers={"retry-after": "7"}, times=2), mock.calls() as calls:
        assert make(w) > 0
    equal([int(seconds) for seconds in clock.slept], [7, 7])
    equal(calls, {"POST /api/2.2/jobs/create": 3})


@case("faults", "after a 429 or 503 without Retry-After the SDK waits a second")
def _(mock: Mock):
    clock = StoppedClock()
    w = mock.client(token="token", clock=clock)
    for status in [429, 503]:
        with mock.fault("jobs/list", status=status, times=1):
            list(w.jobs.list(limit=1))
    equal([int(seconds) for seconds in clock.slept], [1, 1])


@case("few requests a second", "beyond the rate the mock says 429, and the SDK comes through by waiting")
def _(mock: Mock):
    w = mock.client()
    with mock.calls() as calls:
        for _ in range(6):
            w.secrets.list_scopes()
    assert calls["GET /api/2.0/secrets/scopes/list"] > 6, calls


@case("faults", "a 500 is InternalError and not repeated")
def _(mock: Mock):
    w = mock.client()
    with mock.fault("jobs/list", status=500), mock.calls() as calls, raises(InternalError, "Injected fault"):
        list(w.jobs.list())
    equal(calls, {"GET /api/2.2/jobs/list": 1})


@case("faults", "a refusal of one endpoint is PermissionDenied")
def _(mock: Mock):
    w = mock.client()
    with mock.fault("POST .*/jobs/create", status=403), raises(PermissionDenied):
        make(w)


@case("faults", "a proxy's page in place of an answer is an error of its status")
def _(mock: Mock):
    w = mock.client()
    page = "<html><body><h1>Forbidden</h1></body></html>"
    with mock.fault("jobs/list", status=403, body=page), raises(PermissionDenied):
        list(w.jobs.list())


@case("faults", "an error_code that the SDK does not know is a plain DatabricksError with that code")
def _(mock: Mock):
    w = mock.client()
    body = {"error_code": "QUITE_NEW", "message": "never seen"}
    with mock.fault("jobs/list", status=418, body=body):
        try:
            list(w.jobs.list())
        except DatabricksError as error:
            equal((type(error), error.error_code, str(error)), (DatabricksError, "QUITE_NEW", "never seen"))
            return
    raise AssertionError("nothing was raised")


@case("faults", "a connection that breaks before the answer is tried again")
def _(mock: Mock):
    clock = StoppedClock()
    w = mock.client(token="token", clock=clock)
    with mock.fault("jobs/list", cut="before-headers", times=1), mock.calls() as calls:
        list(w.jobs.list(limit=1, name="none"))
    equal(calls, {"GET /api/2.2/jobs/list": 2})


@case("faults", "a create whose answer was lost is made twice by the SDK: why the operator never repeats one")
def _(mock: Mock):
    w = mock.client(token="token", clock=StoppedClock())
    with mock.fault("jobs/create", cut="before-headers", effect="kept", times=1):
        make(w, "lost answer")
    equal(len(list(w.jobs.list(name="lost answer"))), 2)


@case("access", "the caller's answer names the workspace")
def _(mock: Mock):
    assert mock.client().get_workspace_id() > 0


@case("access", "jobs, Git folders and folders have levels")
def _(mock: Mock):
    w = mock.client()
    w.workspace.mkdirs("/Shared/access")
    folder = str(w.workspace.get_status("/Shared/access").object_id)
    repo = str(w.repos.create("https://github.com/example/levels", "gitHub").id)
    for kind, object_id, level in [
        ("jobs", str(make(w)), PermissionLevel.CAN_MANAGE_RUN),
        ("repos", repo, PermissionLevel.CAN_RUN),
        ("directories", folder, PermissionLevel.CAN_EDIT),
    ]:
        found = w.permissions.get_permission_levels(kind, object_id).permission_levels
        assert level in [one.permission_level for one in found], found
        entry = AccessControlRequest(group_name="viewers", permission_level=level)
        equal(levels(w.permissions.update(kind, object_id, access_control_list=[entry]))["viewers"], [level])


@case("access", "the levels of a job, and those of a warehouse and a cluster policy")
def _(mock: Mock):
    w = mock.client()

    def of(type_: str, id_: str) -> list[str]:
        found = w.permissions.get_permission_levels(type_, id_).permission_levels
        return [one.permission_level.value for one in found]

    equal(of("jobs", str(make(w))), ["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"])
    warehouse = w.warehouses.create(name="for access", cluster_size="Small", max_num_clusters=1, auto_stop_mins=10).id
    equal(of("warehouses", warehouse), ["CAN_USE", "CAN_MONITOR", "CAN_VIEW", "CAN_MANAGE", "IS_OWNER"])
    policy = w.cluster_policies.create(name="for access", definition="{}").policy_id
    equal(of("cluster-policies", policy), ["CAN_USE"])
    found = w.permissions.set(
        "cluster-policies",
        policy,
        access_control_list=[AccessControlRequest(group_name="viewers", permission_level=PermissionLevel.CAN_USE)],
    )
    equal(levels(found)["viewers"], [PermissionLevel.CAN_USE])


@case("access", "permissions of a warehouse, by the API of warehouses and by the one for all")
def _(mock: Mock):
    w = mock.client()
    warehouse = w.warehouses.create(name="shared", cluster_size="Small", max_num_clusters=1, auto_stop_mins=10).id
    equal(levels(w.permissions.get("warehouses", warehouse))["operator@example.com"], [PermissionLevel.IS_OWNER])
    users = AccessControlRequest(group_name="viewers", permission_level=PermissionLevel.CAN_USE)
    w.permissions.update("warehouses", warehouse, access_control_list=[users])
    equal(levels(w.permissions.get("sql/warehouses", warehouse))["viewers"], [PermissionLevel.CAN_USE])
    with raises(InvalidParameterValue, "exactly one owner"):
        w.permissions.set("warehouses", warehouse, access_control_list=[users])
    w.warehouses.delete(warehouse)
    with raises(ResourceDoesNotExist, "does not exist"):
        w.permissions.get("warehouses", warehouse)
