"""Jobs: create, get, list, reset, update, delete."""

from databricks.sdk.errors import InvalidParameterValue, NotFound, PermissionDenied, ResourceDoesNotExist
from databricks.sdk.service import compute, jobs

from support import Mock, case, equal, raises, task, tasks

MISSING = 4611686018427387905
PAGE = "GET /api/2.2/jobs/list"


@case("jobs", "a created job has an int64 id, exact beyond 2^53")
def _(mock: Mock):
    w = mock.client()
    first, second = (w.jobs.create(name="id", tasks=[task("a")]).job_id for _ in range(2))
    assert first > 2**53 and second == first + 1, (first, second)
    equal(w.jobs.get(second).job_id, second)


@case("jobs", "get gives what create was given")
def _(mock: Mock):
    w = mock.client()
    given = jobs.JobSettings(
        name="given",
        tags={"team": "etl"},
        schedule=jobs.CronSchedule("0 0 3 * * ?", "Europe/Berlin", jobs.PauseStatus.PAUSED),
        git_source=jobs.GitSource("https://github.com/example/etl", jobs.GitProvider.GIT_HUB, git_branch="main"),
        job_clusters=[jobs.JobCluster("small", compute.ClusterSpec(spark_version="15.4.x-scala2.12", num_workers=2))],
        parameters=[jobs.JobParameterDefinition(name="day", default="today")],
        queue=jobs.QueueSettings(enabled=True),
    )
    job = w.jobs.get(w.jobs.create(**vars(given)).job_id)
    # As dictionaries, since the SDK reads a list that is absent as an empty one.
    held = job.settings.as_dict()
    # The server adds its defaults to a cluster.
    cluster = held["job_clusters"][0]["new_cluster"]
    held["job_clusters"][0]["new_cluster"] = {name: cluster[name] for name in ("spark_version", "num_workers")}
    equal({name: held.get(name) for name in given.as_dict()}, given.as_dict())
    equal((job.creator_user_name, job.run_as_user_name), ("operator@example.com", "operator@example.com"))
    assert job.created_time > 1_600_000_000_000, job.created_time


@case("jobs", "the server adds its defaults")
def _(mock: Mock):
    w = mock.client()
    settings = w.jobs.get(w.jobs.create(name="defaults", tasks=[task("a")]).job_id).settings
    equal((settings.format, settings.max_concurrent_runs), (jobs.Format.MULTI_TASK, 1))
    equal((settings.timeout_seconds, settings.email_notifications), (0, jobs.JobEmailNotifications()))
    equal((settings.tasks[0].run_if, settings.tasks[0].timeout_seconds), (jobs.RunIf.ALL_SUCCESS, 0))


@case("jobs", "the server sorts depends_on")
def _(mock: Mock):
    w = mock.client()
    last = task("c", depends_on=[jobs.TaskDependency("b"), jobs.TaskDependency("a")])
    job = w.jobs.get(w.jobs.create(name="sorted", tasks=[task("a"), task("b"), last]).job_id)
    equal([one.task_key for one in job.settings.tasks[2].depends_on], ["a", "b"])


@case("jobs", "get of a job with 250 tasks follows its pages")
def _(mock: Mock):
    w = mock.client()
    job_id = w.jobs.create(name="wide", tasks=tasks(250)).job_id
    with mock.calls() as calls:
        job = w.jobs.get(job_id)
    equal([one.task_key for one in job.settings.tasks], [f"t{index:03}" for index in range(250)])
    equal(calls, {"GET /api/2.2/jobs/get": 3})


@case("jobs", "a job's long parameters and job clusters are continued on the same pages")
def _(mock: Mock):
    w = mock.client()
    spec = compute.ClusterSpec(spark_version="15.4.x-scala2.12", num_workers=1)
    job_id = w.jobs.create(
        name="long",
        tasks=tasks(110),
        job_clusters=[jobs.JobCluster(f"c{index:03}", spec) for index in range(101)],
        parameters=[jobs.JobParameterDefinition(name=f"p{index:03}", default="") for index in range(210)],
    ).job_id
    settings = w.jobs.get(job_id).settings
    equal([len(settings.tasks), len(settings.job_clusters), len(settings.parameters)], [110, 101, 210])
    equal(settings.parameters[-1].name, "p209")


@case("jobs", "Jobs 2.1 loses the tasks beyond 100")
def _(mock: Mock):
    w = mock.client()
    job_id = w.jobs.create(name="old", tasks=tasks(130)).job_id
    answer = w.api_client.do("GET", "/api/2.1/jobs/get", query={"job_id": job_id})
    equal((len(answer["settings"]["tasks"]), "next_page_token" in answer), (100, False))


@case("many jobs", "list iterates over 130 jobs, the newest first, in pages of 20")
def _(mock: Mock):
    w = mock.client()
    made = [w.jobs.create(name=f"job {index}", tasks=[task("a")]).job_id for index in range(130)]
    with mock.calls() as calls:
        found = [job.job_id for job in w.jobs.list()]
    equal(found, made[::-1])
    equal(calls, {PAGE: 7})


@case("many jobs", "list takes pages of up to 100")
def _(mock: Mock):
    w = mock.client()
    with mock.calls() as calls:
        equal(len(list(w.jobs.list(limit=100))), 130)
    equal(calls, {PAGE: 2})
    with raises(InvalidParameterValue, "limit must be between 1 and 100"):
        list(w.jobs.list(limit=101))


@case("many jobs", "list filters by the exact name in any case")
def _(mock: Mock):
    w = mock.client()
    equal([job.settings.name for job in w.jobs.list(name="JOB 12")], ["job 12"])
    equal(list(w.jobs.list(name="job")), [])


@case("many jobs", "an unknown page token is refused")
def _(mock: Mock):
    with raises(InvalidParameterValue, "page token"):
        list(mock.client().jobs.list(page_token="made-up"))


@case("jobs", "list shows tasks only when asked to expand")
def _(mock: Mock):
    w = mock.client()
    w.jobs.create(name="expand", tasks=tasks(2), max_concurrent_runs=3)
    [plain] = w.jobs.list(name="expand")
    equal((plain.settings.tasks, plain.settings.max_concurrent_runs), ([], 3))
    [expanded] = w.jobs.list(name="expand", expand_tasks=True)
    equal(len(expanded.settings.tasks), 2)


@case("jobs", "list with expand says which job it cut, so that the SDK gets the rest")
def _(mock: Mock):
    w = mock.client()
    w.jobs.create(name="cut", tasks=tasks(101))
    with mock.calls() as calls:
        [job] = w.jobs.list(name="cut", expand_tasks=True)
    equal(len(job.settings.tasks), 101)
    equal(calls, {PAGE: 1, "GET /api/2.2/jobs/get": 2})


@case("jobs", "reset replaces all settings but an omitted run_as")
def _(mock: Mock):
    w = mock.client()
    principal = jobs.JobRunAs(service_principal_name="app")
    job_id = w.jobs.create(name="before", tags={"a": "1"}, run_as=principal, tasks=tasks(2)).job_id
    w.jobs.reset(job_id, jobs.JobSettings(name="after", tasks=[task("only")]))
    job = w.jobs.get(job_id)
    equal((job.settings.name, job.settings.tags, len(job.settings.tasks)), ("after", None, 1))
    equal((job.settings.run_as, job.run_as_user_name), (principal, "app"))


@case("jobs", "update merges the top level and removes fields")
def _(mock: Mock):
    w = mock.client()
    job_id = w.jobs.create(name="before", tags={"a": "1"}, timeout_seconds=60, tasks=tasks(3)).job_id
    change = jobs.JobSettings(name="after", max_concurrent_runs=5)
    w.jobs.update(job_id, new_settings=change, fields_to_remove=["tags", "tasks/t001"])
    settings = w.jobs.get(job_id).settings
    equal((settings.name, settings.max_concurrent_runs, settings.timeout_seconds), ("after", 5, 60))
    equal((settings.tags, [one.task_key for one in settings.tasks]), (None, ["t000", "t002"]))


@case("jobs", "update merges tasks by their keys")
def _(mock: Mock):
    w = mock.client()
    job_id = w.jobs.create(name="keys", tasks=tasks(2)).job_id
    w.jobs.update(job_id, new_settings=jobs.JobSettings(tasks=[task("t001", description="new"), task("t002")]))
    found = w.jobs.get(job_id).settings.tasks
    equal([(one.task_key, one.description) for one in found], [("t000", None), ("t001", "new"), ("t002", None)])


@case("jobs", "a deleted job is missing: ResourceDoesNotExist, though the answer is a 400")
def _(mock: Mock):
    w = mock.client()
    job_id = w.jobs.create(name="gone", tasks=[task("a")]).job_id
    w.jobs.delete(job_id)
    with raises(ResourceDoesNotExist, f"Job {job_id} does not exist"):
        w.jobs.get(job_id)
    equal(list(w.jobs.list(name="gone")), [])


@case("jobs", "delete, reset and update of a missing job are InvalidParameterValue")
def _(mock: Mock):
    w = mock.client()
    for call in [w.jobs.delete, lambda id: w.jobs.reset(id, jobs.JobSettings(name="a")), w.jobs.update]:
        with raises(InvalidParameterValue, f"Job {MISSING} does not exist"):
            call(MISSING)


@case("other dialect", "a workspace that says 404 for a missing job raises NotFound's kind everywhere")
def _(mock: Mock):
    w = mock.client()
    for call in [w.jobs.get, w.jobs.delete, w.jobs.update, w.jobs.get_run, w.jobs.run_now, w.jobs.cancel_run]:
        with raises(ResourceDoesNotExist, "does not exist"):
            call(MISSING)
    assert issubclass(ResourceDoesNotExist, NotFound)


@case("jobs", "settings that Databricks refuses are InvalidParameterValue")
def _(mock: Mock):
    w = mock.client()
    twice, unknown = [task("a"), task("a")], [task("a", depends_on=[jobs.TaskDependency("b")])]
    for message, settings in {
        "Duplicate task key": {"tasks": twice},
        "unknown task b": {"tasks": unknown},
        "quartz": {"schedule": jobs.CronSchedule("* * * * *", "UTC")},
        "at most 25 tags": {"tags": {f"t{index}": "" for index in range(26)}},
        "exceeds 4096 bytes": {"name": "ä" * 2049},
        "max_concurrent_runs": {"max_concurrent_runs": 1001},
    }.items():
        with raises(InvalidParameterValue, message):
            w.jobs.create(**settings)


@case("jobs", "a job that the caller may not see is PermissionDenied, and not in the list")
def _(mock: Mock):
    w = mock.client()
    job_id = w.jobs.create(name="hidden", tasks=[task("a")]).job_id
    with raises(PermissionDenied, f"View permissions on job {job_id}"):
        w.jobs.get(job_id)
    equal(list(w.jobs.list(name="hidden")), [])
