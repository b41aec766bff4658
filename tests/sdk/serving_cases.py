"""What serves: serving endpoints and vector search endpoints."""

from databricks.sdk.errors import InvalidParameterValue, ResourceAlreadyExists, ResourceConflict, ResourceDoesNotExist
from databricks.sdk.service import serving, vectorsearch

import answers
from support import Mock, case, equal, raises

ENDPOINTS = r"/api/2\.0/serving-endpoints"
VECTOR = r"/api/2\.0/vector-search/endpoints"

answers.READERS.update(
    {
        f"GET {ENDPOINTS}": serving.ListEndpointsResponse,
        f"POST {ENDPOINTS}": serving.ServingEndpointDetailed,
        rf"GET {ENDPOINTS}/[\w-]+": serving.ServingEndpointDetailed,
        rf"PUT {ENDPOINTS}/[\w-]+/config": serving.ServingEndpointDetailed,
        rf"PATCH {ENDPOINTS}/[\w-]+/tags": serving.EndpointTags,
        rf"PUT {ENDPOINTS}/[\w-]+/ai-gateway": serving.PutAiGatewayResponse,
        rf"PATCH {ENDPOINTS}/[\w-]+/notifications": serving.UpdateInferenceEndpointNotificationsResponse,
        rf"PATCH {ENDPOINTS}/[\w-]+/telemetry-config": serving.ServingEndpointDetailed,
        rf"DELETE {ENDPOINTS}/[\w-]+": answers.Nothing,
    }
)


@case("serving", "a serving endpoint lives: create, get, list, deploy, tags, gateway, notifications, telemetry, delete")
def _(mock: Mock):
    w = mock.client()

    def entity(version: str):
        return serving.ServedEntityInput(
            name="a", entity_name="main.a.a", entity_version=version, scale_to_zero_enabled=True
        )

    config = serving.EndpointCoreConfigInput(name="churn", served_entities=[entity("1")])
    w.serving_endpoints.create("churn", config=config)
    with raises(ResourceAlreadyExists, "already exists"):
        w.serving_endpoints.create("churn", config=config)
    told = w.serving_endpoints.get("churn")
    equal((told.state.config_update, told.state.ready), (serving.EndpointStateConfigUpdate.IN_PROGRESS, serving.EndpointStateReady.NOT_READY))
    with raises(ResourceConflict, "currently updating"):
        w.serving_endpoints.update_config("churn", served_entities=[entity("2")])
    w.serving_endpoints.wait_get_serving_endpoint_not_updating("churn")
    told = w.serving_endpoints.update_config_and_wait("churn", served_entities=[entity("2")])
    equal((told.config.served_entities[0].entity_version, told.state.ready), ("2", serving.EndpointStateReady.READY))
    equal(told.config.traffic_config.routes[0].traffic_percentage, 100)
    equal([one.name for one in w.serving_endpoints.list()], ["churn"])
    w.serving_endpoints.patch("churn", add_tags=[serving.EndpointTag("a", "1"), serving.EndpointTag("b", "2")])
    w.serving_endpoints.patch("churn", delete_tags=["a"])
    usage = serving.AiGatewayUsageTrackingConfig(enabled=True)
    w.serving_endpoints.put_ai_gateway("churn", usage_tracking_config=usage)
    emails = serving.EmailNotifications(on_update_failure=["data@example.com"])
    w.serving_endpoints.update_notifications("churn", email_notifications=emails)
    tables = serving.UnityCatalogTableNames(logs_table="main.logs.churn")
    telemetry = serving.TelemetryConfig(table_names=tables)
    w.serving_endpoints.patch_telemetry_config("churn", telemetry_config=telemetry)
    told = w.serving_endpoints.get("churn")
    equal([one.key for one in told.tags], ["b"])
    equal((told.ai_gateway.usage_tracking_config, told.email_notifications), (usage, emails))
    equal(w.serving_endpoints.get_permissions(told.id).object_type, "serving-endpoints")
    w.serving_endpoints.delete("churn")
    with raises(ResourceDoesNotExist, "does not exist"):
        w.serving_endpoints.get("churn")


answers.READERS.update(
    {
        f"GET {VECTOR}": vectorsearch.ListEndpointResponse,
        f"POST {VECTOR}": vectorsearch.EndpointInfo,
        rf"GET {VECTOR}/[\w-]+": vectorsearch.EndpointInfo,
        rf"PATCH {VECTOR}/[\w-]+": vectorsearch.EndpointInfo,
        rf"PATCH {VECTOR}/[\w-]+/budget-policy": vectorsearch.PatchEndpointBudgetPolicyResponse,
        rf"PATCH {VECTOR}/[\w-]+/tags": vectorsearch.UpdateEndpointCustomTagsResponse,
        rf"DELETE {VECTOR}/[\w-]+": answers.Nothing,
        r"GET /api/2\.0/permissions/vector-search-endpoints/[\w-]+": vectorsearch.VectorSearchEndpointPermissions,
    }
)


INDEXES = r"/api/2\.0/vector-search/indexes"

answers.READERS.update(
    {
        f"GET {INDEXES}": vectorsearch.ListVectorIndexesResponse,
        f"POST {INDEXES}": vectorsearch.VectorIndex,
        rf"GET {INDEXES}/[\w.-]+": vectorsearch.VectorIndex,
        rf"DELETE {INDEXES}/[\w.-]+": answers.Nothing,
    }
)


@case("serving", "a vector search index lives: create, get, list of its endpoint, delete in two phases")
def _(mock: Mock):
    w = mock.client()
    w.vector_search_endpoints.create_endpoint("for-indexes", vectorsearch.EndpointType.STANDARD)
    table = vectorsearch.DeltaSyncVectorIndexSpecRequest(
        source_table="main.default.manuals",
        pipeline_type=vectorsearch.PipelineType.TRIGGERED,
        embedding_source_columns=[vectorsearch.EmbeddingSourceColumn("gte", name="text")],
    )
    delta_sync = vectorsearch.VectorIndexType.DELTA_SYNC

    def create():
        return w.vector_search_indexes.create_index(
            "main.default.manuals", "for-indexes", "id", delta_sync, delta_sync_index_spec=table
        )

    create()
    with raises(ResourceAlreadyExists, "already exists"):
        create()
    told = w.vector_search_indexes.get_index("main.default.manuals")
    equal((told.endpoint_name, told.index_type, told.status.ready), ("for-indexes", delta_sync, False))
    equal(told.delta_sync_index_spec.source_table, "main.default.manuals")
    equal([one.name for one in w.vector_search_indexes.list_indexes("for-indexes")], ["main.default.manuals"])
    equal(w.vector_search_endpoints.get_endpoint("for-indexes").num_indexes, 1)
    w.vector_search_indexes.delete_index("main.default.manuals")
    with raises(InvalidParameterValue, "pending deletion"):
        create()
    w.vector_search_endpoints.delete_endpoint("for-indexes")


@case("serving", "a vector search endpoint lives: create, get, list, scale, budget policy, tags, permissions, delete")
def _(mock: Mock):
    w = mock.client()
    standard = vectorsearch.EndpointType.STANDARD
    w.vector_search_endpoints.create_endpoint("documents", standard)
    with raises(ResourceAlreadyExists, "already exists"):
        w.vector_search_endpoints.create_endpoint("documents", standard)
    told = w.vector_search_endpoints.wait_get_endpoint_vector_search_endpoint_online("documents")
    equal((told.endpoint_type, told.num_indexes), (standard, 0))
    equal([one.name for one in w.vector_search_endpoints.list_endpoints()], ["documents"])
    w.vector_search_endpoints.patch_endpoint("documents", target_qps=100)
    w.vector_search_endpoints.update_endpoint_budget_policy("documents", "policy-1")
    w.vector_search_endpoints.update_endpoint_custom_tags("documents", [vectorsearch.CustomTag("team", "sales")])
    told = w.vector_search_endpoints.get_endpoint("documents")
    equal((told.scaling_info.requested_target_qps, told.budget_policy_id), (100, "policy-1"))
    equal([(one.key, one.value) for one in told.custom_tags], [("team", "sales")])
    equal(w.vector_search_endpoints.get_permissions(told.id).object_type, "vector-search-endpoints")
    w.vector_search_endpoints.delete_endpoint("documents")
    with raises(ResourceDoesNotExist, "does not exist"):
        w.vector_search_endpoints.get_endpoint("documents")
