"""Objects of the workspace: experiments, notification destinations, dashboards, queries, alerts."""

from databricks.sdk.errors import InvalidParameterValue, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import dashboards, ml, settings, sql

import answers
from support import Mock, case, equal, raises

EXPERIMENTS = r"/api/2\.0/mlflow/experiments"
DESTINATIONS = r"/api/2\.0/notification-destinations"
DASHBOARDS = r"/api/2\.0/lakeview/dashboards"
QUERIES = r"/api/2\.0/sql/queries"
ALERTS = r"/api/2\.0/alerts"

answers.READERS.update(
    {
        f"POST {EXPERIMENTS}/create": ml.CreateExperimentResponse,
        f"GET {EXPERIMENTS}/get": ml.GetExperimentResponse,
        f"GET {EXPERIMENTS}/get-by-name": ml.GetExperimentByNameResponse,
        f"GET {EXPERIMENTS}/list": ml.ListExperimentsResponse,
        f"POST {EXPERIMENTS}/(update|delete|restore|set-experiment-tag)": answers.Nothing,
        f"GET {DESTINATIONS}": settings.ListNotificationDestinationsResponse,
        f"POST {DESTINATIONS}": settings.NotificationDestination,
        rf"(GET|PATCH) {DESTINATIONS}/[\w-]+": settings.NotificationDestination,
        rf"DELETE {DESTINATIONS}/[\w-]+": answers.Nothing,
        f"GET {DASHBOARDS}": dashboards.ListDashboardsResponse,
        f"POST {DASHBOARDS}": dashboards.Dashboard,
        rf"(GET|PATCH) {DASHBOARDS}/\w+": dashboards.Dashboard,
        rf"(GET|POST) {DASHBOARDS}/\w+/published": dashboards.PublishedDashboard,
        f"GET {QUERIES}": sql.ListQueryObjectsResponse,
        f"POST {QUERIES}": sql.Query,
        rf"(GET|PATCH) {QUERIES}/[\w-]+": sql.Query,
        f"GET {ALERTS}": sql.ListAlertsV2Response,
        f"POST {ALERTS}": sql.AlertV2,
        rf"(GET|PATCH) {ALERTS}/[\w-]+": sql.AlertV2,
        rf"DELETE ({DASHBOARDS}|{QUERIES}|{ALERTS})/[\w-]+": answers.Nothing,
    }
)


@case("objects", "an experiment lives: create, get, list, rename, tag, delete, restore")
def _(mock: Mock):
    w = mock.client()
    tags = [ml.ExperimentTag("team", "marketing")]
    made = w.experiments.create_experiment("/Workspace/Shared/churn", tags=tags).experiment_id
    told = w.experiments.get_experiment(made).experiment
    equal((told.name, told.lifecycle_stage), ("/Shared/churn", "active"))
    assert told.artifact_location and told.creation_time, told
    equal(w.experiments.get_by_name("/Shared/churn").experiment.experiment_id, made)
    equal([one.experiment_id for one in w.experiments.list_experiments()], [made])
    with raises(ResourceAlreadyExists, "already exists"):
        w.experiments.create_experiment("/Shared/churn")
    w.experiments.update_experiment(made, new_name="/Shared/churn-2")
    w.experiments.set_experiment_tag(made, "stage", "trial")
    told = w.experiments.get_experiment(made).experiment
    equal(told.name, "/Shared/churn-2")
    equal({one.key: one.value for one in told.tags if "mlflow" not in one.key}, {"team": "marketing", "stage": "trial"})
    w.experiments.delete_experiment(made)
    equal(w.experiments.get_experiment(made).experiment.lifecycle_stage, "deleted")
    equal(list(w.experiments.list_experiments()), [])
    w.experiments.restore_experiment(made)
    equal(w.experiments.get_experiment(made).experiment.lifecycle_stage, "active")
    w.experiments.delete_experiment(made)


@case("objects", "a notification destination lives: create, get, list, update, delete; its token is not told")
def _(mock: Mock):
    w = mock.client()
    slack = settings.Config(slack=settings.SlackConfig(url="https://hooks.example.com/x"))
    made = w.notification_destinations.create(config=slack, display_name="Alerts")
    equal((made.display_name, made.destination_type), ("Alerts", settings.DestinationType.SLACK))
    told = w.notification_destinations.get(made.id)
    equal((told.config.slack.url, told.config.slack.url_set), (None, True))
    equal([one.id for one in w.notification_destinations.list()], [made.id])
    email = settings.Config(email=settings.EmailConfig(addresses=["data@example.com"]))
    equal(w.notification_destinations.update(made.id, config=email).config.email.addresses, ["data@example.com"])
    equal(w.notification_destinations.update(made.id, display_name="Data").display_name, "Data")
    with raises(InvalidParameterValue, "exactly one type"):
        w.notification_destinations.create(config=settings.Config(), display_name="Nothing")
    w.notification_destinations.delete(made.id)
    with raises(ResourceDoesNotExist, "does not exist"):
        w.notification_destinations.get(made.id)


@case("objects", "a dashboard lives: create, get, list, publish, update, trash; another etag is refused")
def _(mock: Mock):
    w = mock.client()
    content = '{"pages": [{"name": "orders"}]}'
    draft = dashboards.Dashboard(
        display_name="Orders", parent_path="/Workspace/Shared", serialized_dashboard=content, warehouse_id="1"
    )
    made = w.lakeview.create(draft, dataset_catalog="main", dataset_schema="sales")
    told = w.lakeview.get(made.dashboard_id)
    equal((told.display_name, told.parent_path, told.path), ("Orders", "/Shared", "/Shared/Orders.lvdash.json"))
    assert "pageType" in told.serialized_dashboard and told.serialized_dashboard.endswith("\n"), told
    assert w.workspace.get_status("/Workspace/Shared/Orders.lvdash.json").resource_id == made.dashboard_id
    equal([one.dashboard_id for one in w.lakeview.list()], [made.dashboard_id])
    with raises(ResourceDoesNotExist, "not published"):
        w.lakeview.get_published(made.dashboard_id)
    equal(w.lakeview.publish(made.dashboard_id, embed_credentials=False).embed_credentials, False)
    assert w.lakeview.get_published(made.dashboard_id).revision_create_time >= told.update_time
    changed = w.lakeview.update(made.dashboard_id, dashboards.Dashboard(display_name="All", etag=told.etag))
    equal(changed.path, "/Shared/All.lvdash.json")
    with raises(InvalidParameterValue, "etag"):
        w.lakeview.update(made.dashboard_id, dashboards.Dashboard(display_name="Some", etag="0"))
    with raises(ResourceDoesNotExist, "doesn't exist"):
        w.lakeview.create(dashboards.Dashboard(display_name="Orders", parent_path="/Nowhere"))
    w.lakeview.trash(made.dashboard_id)
    equal(w.lakeview.get(made.dashboard_id).lifecycle_state, dashboards.LifecycleState.TRASHED)
    equal(list(w.lakeview.list()), [])


@case("objects", "a query lives: create, get, list, update by mask, trash")
def _(mock: Mock):
    w = mock.client()
    query = sql.CreateQueryRequestQuery(
        display_name="Orders", parent_path="/Shared", query_text="SELECT 1", description="All", tags=["sales"]
    )
    made = w.queries.create(query=query)
    told = w.queries.get(made.id)
    equal((told.display_name, told.query_text, told.parent_path), ("Orders", "SELECT 1", "/Shared"))
    equal([one.id for one in w.queries.list()], [made.id])
    with raises(ResourceAlreadyExists, "already exists"):
        w.queries.create(query=query)
    changed = w.queries.update(
        made.id, "query_text,description", query=sql.UpdateQueryRequestQuery(query_text="SELECT 2", tags=["other"])
    )
    equal((changed.query_text, changed.description, changed.tags), ("SELECT 2", None, ["sales"]))
    w.queries.delete(made.id)
    equal(list(w.queries.list()), [])


@case("objects", "an alert lives: create, get, list, update by mask, trash")
def _(mock: Mock):
    w = mock.client()
    alert = sql.AlertV2(
        display_name="No orders",
        parent_path="/Shared",
        query_text="SELECT 1",
        warehouse_id="1",
        evaluation=sql.AlertV2Evaluation(
            source=sql.AlertV2OperandColumn(name="n"), comparison_operator=sql.ComparisonOperator.IS_NULL
        ),
        schedule=sql.CronSchedule(quartz_cron_schedule="0 0 6 * * ?", timezone_id="UTC"),
    )
    made = w.alerts_v2.create_alert(alert)
    equal(w.alerts_v2.get_alert(made.id).schedule.pause_status, sql.SchedulePauseStatus.UNPAUSED)
    equal([one.id for one in w.alerts_v2.list_alerts()], [made.id])
    alert.query_text = "SELECT 2"
    equal(w.alerts_v2.update_alert(made.id, alert, "query_text").query_text, "SELECT 2")
    w.alerts_v2.trash_alert(made.id)
    equal(list(w.alerts_v2.list_alerts()), [])
    equal(w.alerts_v2.get_alert(made.id).lifecycle_state, sql.AlertLifecycleState.DELETED)
