"""Objects of the workspace: experiments, notification destinations."""

from databricks.sdk.errors import InvalidParameterValue, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import ml, settings

import answers
from support import Mock, case, equal, raises

EXPERIMENTS = r"/api/2\.0/mlflow/experiments"
DESTINATIONS = r"/api/2\.0/notification-destinations"

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
