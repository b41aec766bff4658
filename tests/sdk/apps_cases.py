"""Apps: their compute, updates, deployments, permissions, and the deletion that takes a while."""

from databricks.sdk.errors import BadRequest, ResourceAlreadyExists
from databricks.sdk.service import apps

import answers
from support import Mock, case, equal, raises

APPS = r"/api/2\.0/apps"

answers.READERS.update(
    {
        f"GET {APPS}": apps.ListAppsResponse,
        rf"(POST {APPS}|(GET|DELETE) {APPS}/[\w-]+|POST {APPS}/[\w-]+/(start|stop))": apps.App,
        rf"(POST|GET) {APPS}/[\w-]+/update": apps.AppUpdate,
        rf"POST {APPS}/[\w-]+/deployments": apps.AppDeployment,
        rf"GET {APPS}/[\w-]+/deployments": apps.ListAppDeploymentsResponse,
        rf"GET {APPS}/[\w-]+/deployments/\w+": apps.AppDeployment,
    }
)

ACTIVE = apps.ComputeState.ACTIVE
STOPPED = apps.ComputeState.STOPPED


@case("apps", "an app lives: create without compute, get, list, update, start, permissions, stop, delete in two phases")
def _(mock: Mock):
    w = mock.client()
    warehouse = apps.AppResourceSqlWarehouse("a1", apps.AppResourceSqlWarehouseSqlWarehousePermission.CAN_USE)
    needed = apps.AppResource("warehouse", sql_warehouse=warehouse)
    told = w.apps.create(apps.App("orders", description="Orders", resources=[needed]), no_compute=True).response
    equal((told.compute_status.state, told.resources, told.compute_size), (STOPPED, [needed], apps.ComputeSize.MEDIUM))
    with raises(ResourceAlreadyExists, "already exists"):
        w.apps.create(apps.App("orders"))
    equal([one.name for one in w.apps.list()], ["orders"])
    app = apps.App("orders", description="All orders", compute_size=apps.ComputeSize.LARGE)
    equal(w.apps.create_update("orders", "description,compute_size", app=app).response.status.state.value, "IN_PROGRESS")
    with raises(BadRequest, "update is in progress"):
        w.apps.create_update("orders", "description", app=app)
    w.apps.wait_get_update_app_succeeded("orders")
    told = w.apps.get("orders")
    equal((told.description, told.compute_size.value, told.resources), ("All orders", "LARGE", [needed]))
    w.apps.create_update("orders", "compute_size", app=apps.App("orders")).result()
    equal(w.apps.get("orders").compute_size, apps.ComputeSize.MEDIUM)
    equal(w.apps.start_and_wait("orders").compute_status.state, ACTIVE)
    equal(w.permissions.get("apps", "orders").object_type, "apps")
    equal(w.apps.stop_and_wait("orders").compute_status.state, STOPPED)
    w.apps.delete("orders")
    equal(w.apps.get("orders").compute_status.state, apps.ComputeState.DELETING)
    with raises(BadRequest, "not terminal with state DELETING"):
        w.apps.delete("orders")
    with raises(ResourceAlreadyExists, "already exists"):
        w.apps.create(apps.App("orders"))


@case("apps", "code is deployed where compute runs, one deployment at a time; a start deploys it again")
def _(mock: Mock):
    w = mock.client()
    w.apps.create(apps.App("shop"), no_compute=True)
    variable = apps.EnvVar("LEVEL", value="debug")
    deployment = apps.AppDeployment(source_code_path="/Workspace/shop", env_vars=[variable])
    with raises(BadRequest, "not in RUNNING state"):
        w.apps.deploy("shop", deployment)
    w.apps.start_and_wait("shop")
    wait = w.apps.deploy("shop", deployment)
    with raises(BadRequest, "active deployment in progress"):
        w.apps.deploy("shop", deployment)
    equal(w.apps.get("shop").pending_deployment.deployment_id, wait.deployment_id)
    told = wait.result()
    equal((told.status.state.value, told.env_vars), ("SUCCEEDED", [apps.EnvVar("LEVEL")]))
    told = w.apps.get("shop")
    equal((told.active_deployment.source_code_path, told.app_status.state.value), ("/Workspace/shop", "RUNNING"))
    equal([one.deployment_id for one in w.apps.list_deployments("shop")], [wait.deployment_id])
    told = w.apps.stop_and_wait("shop")
    equal((told.active_deployment, told.default_source_code_path), (None, "/Workspace/shop"))
    w.apps.start("shop")
    equal(w.apps.get("shop").pending_deployment.source_code_path, "/Workspace/shop")
