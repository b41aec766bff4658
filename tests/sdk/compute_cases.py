"""Compute: clusters, cluster policies, instance pools and SQL warehouses."""

import time

from databricks.sdk.errors import InvalidParameterValue, InvalidState, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import compute, sql

import answers
from support import Mock, case, equal, raises

CLUSTERS = r"/api/2\.1/clusters"
POLICIES = r"/api/2\.0/policies/clusters"
POOLS = r"/api/2\.0/instance-pools"
WAREHOUSES = r"/api/2\.0/sql/warehouses"

answers.READERS.update(
    {
        f"GET {CLUSTERS}/get": compute.ClusterDetails,
        f"GET {CLUSTERS}/list": compute.ListClustersResponse,
        f"POST {CLUSTERS}/create": compute.CreateClusterResponse,
        f"POST {CLUSTERS}/(edit|resize|start|delete|permanent-delete)": answers.Nothing,
        f"GET {POLICIES}/get": compute.Policy,
        f"GET {POLICIES}/list": compute.ListPoliciesResponse,
        f"POST {POLICIES}/create": compute.CreatePolicyResponse,
        f"POST {POLICIES}/(edit|delete)": answers.Nothing,
        f"GET {POOLS}/get": compute.GetInstancePool,
        f"GET {POOLS}/list": compute.ListInstancePools,
        f"POST {POOLS}/create": compute.CreateInstancePoolResponse,
        f"POST {POOLS}/(edit|delete)": answers.Nothing,
        f"GET {WAREHOUSES}": sql.ListWarehousesResponse,
        f"POST {WAREHOUSES}": sql.CreateWarehouseResponse,
        f"GET {WAREHOUSES}/[0-9a-f]+": sql.GetWarehouseResponse,
        f"POST {WAREHOUSES}/[0-9a-f]+/(edit|start|stop)": answers.Nothing,
        f"DELETE {WAREHOUSES}/[0-9a-f]+": answers.Nothing,
    }
)

RULES = '{"num_workers": {"type": "range", "maxValue": 4}}'


@case("compute", "a cluster lives: create, get, list, resize, edit, terminate, start, delete")
def _(mock: Mock):
    w = mock.client()
    how = {"cluster_name": "notebooks", "node_type_id": "m5.large", "autotermination_minutes": 20}
    wait = w.clusters.create(spark_version="15.4.x-scala2.12", num_workers=1, custom_tags={"team": "a"}, **how)
    equal(w.clusters.get(wait.cluster_id).state, compute.State.PENDING)
    made = wait.result()
    equal((made.state, made.num_workers, made.custom_tags), (compute.State.RUNNING, 1, {"team": "a"}))
    equal((made.driver_node_type_id, made.cluster_source), ("m5.large", compute.ClusterSource.API))
    equal((made.spec.num_workers, made.spec.cluster_name), (1, "notebooks"))
    assert made.cluster_id in [one.cluster_id for one in w.clusters.list()]
    equal(w.clusters.resize_and_wait(made.cluster_id, num_workers=3).num_workers, 3)
    edited = w.clusters.edit_and_wait(made.cluster_id, "16.4.x-scala2.12", num_workers=2, **how)
    equal((edited.state, edited.num_workers, edited.custom_tags), (compute.State.RUNNING, 2, None))
    equal(w.clusters.delete_and_wait(made.cluster_id).state, compute.State.TERMINATED)
    with raises(InvalidState, "unexpected state"):
        w.clusters.resize(made.cluster_id, num_workers=4)
    equal(w.clusters.start_and_wait(made.cluster_id).state, compute.State.RUNNING)
    w.clusters.permanent_delete(made.cluster_id)
    with raises(ResourceDoesNotExist):
        w.clusters.get(made.cluster_id)


@case("compute", "a policy lives: create, get, list, edit, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.cluster_policies.create(name="small", definition=RULES, max_clusters_per_user=2)
    found = w.cluster_policies.get(made.policy_id)
    equal((found.name, found.definition, found.max_clusters_per_user), ("small", RULES, 2))
    assert found.created_at_timestamp and found.creator_user_name, found
    equal([one.policy_id for one in w.cluster_policies.list()], [made.policy_id])
    w.cluster_policies.edit(made.policy_id, name="smaller", definition="{}")
    found = w.cluster_policies.get(made.policy_id)
    equal((found.name, found.definition, found.max_clusters_per_user), ("smaller", "{}", None))
    w.cluster_policies.delete(made.policy_id)
    with raises(ResourceDoesNotExist):
        w.cluster_policies.get(made.policy_id)


@case("compute", "a policy whose name is taken is refused, and one whose definition is no JSON")
def _(mock: Mock):
    w = mock.client()
    w.cluster_policies.create(name="taken", definition="{}")
    with raises(ResourceAlreadyExists, "already exists"):
        w.cluster_policies.create(name="taken", definition="{}")
    with raises(InvalidParameterValue, "JSON"):
        w.cluster_policies.create(name="other", definition="{")


@case("compute", "a pool lives: create, get, list, edit, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.instance_pools.create("small", "m5.large", custom_tags={"team": "a"}, min_idle_instances=1, max_capacity=5)
    found = w.instance_pools.get(made.instance_pool_id)
    equal((found.instance_pool_name, found.node_type_id, found.custom_tags), ("small", "m5.large", {"team": "a"}))
    equal((found.min_idle_instances, found.idle_instance_autotermination_minutes), (1, 60))
    equal((found.state, found.stats.idle_count), (compute.InstancePoolState.ACTIVE, 0))
    equal([one.instance_pool_id for one in w.instance_pools.list()], [made.instance_pool_id])
    w.instance_pools.edit(made.instance_pool_id, "smaller", "m5.large", max_capacity=3)
    found = w.instance_pools.get(made.instance_pool_id)
    equal((found.instance_pool_name, found.max_capacity), ("smaller", 3))
    w.instance_pools.delete(made.instance_pool_id)
    with raises(ResourceDoesNotExist):
        w.instance_pools.get(made.instance_pool_id)


@case("compute", "a pool whose name is taken is refused, and one of another node type")
def _(mock: Mock):
    w = mock.client()
    made = w.instance_pools.create("taken", "m5.large")
    with raises(InvalidParameterValue, "already exists"):
        w.instance_pools.create("taken", "m5.large")
    with raises(InvalidParameterValue, "node_type_id"):
        w.instance_pools.edit(made.instance_pool_id, "taken", "m5.xlarge")


@case("compute", "a warehouse starts when it is created, and the SDK waits until it runs")
def _(mock: Mock):
    w = mock.client()
    wait = w.warehouses.create(name="reports", cluster_size="2X-Small", auto_stop_mins=10)
    equal(w.warehouses.get(wait.id).state, sql.State.STARTING)
    running = wait.result()
    equal((running.state, running.auto_stop_mins, running.num_clusters), (sql.State.RUNNING, 10, 1))
    equal((running.min_num_clusters, running.max_num_clusters, running.enable_photon), (1, 1, True))
    assert running.odbc_params.path.endswith(wait.id), running.odbc_params


@case("compute", "a warehouse is edited, stopped, started and deleted")
def _(mock: Mock):
    w = mock.client()
    made = w.warehouses.create_and_wait(
        name="spare",
        cluster_size="Small",
        auto_stop_mins=10,
        tags=sql.EndpointTags(custom_tags=[sql.EndpointTagPair(key="team", value="a")]),
    )
    w.warehouses.edit(made.id, name="spare", cluster_size="Medium", auto_stop_mins=0)
    found = w.warehouses.get(made.id)
    equal((found.cluster_size, found.auto_stop_mins), ("Medium", 0))
    equal(w.warehouses.stop_and_wait(made.id).state, sql.State.STOPPED)
    equal(w.warehouses.start_and_wait(made.id).state, sql.State.RUNNING)
    assert made.id in [one.id for one in w.warehouses.list()]
    w.warehouses.delete(made.id)
    time.sleep(0.4)
    with raises(ResourceDoesNotExist):
        w.warehouses.get(made.id)
    assert made.id not in [one.id for one in w.warehouses.list()]


@case("compute", "a second warehouse of a name is refused")
def _(mock: Mock):
    w = mock.client()
    w.warehouses.create(name="once", auto_stop_mins=10)
    with raises(ResourceAlreadyExists, "already exists"):
        w.warehouses.create(name="once", auto_stop_mins=10)
