"""Runs: run-now, submit, get, list, cancel, repair."""

from datetime import timedelta

from databricks.sdk.errors import InvalidParameterValue, InvalidState, ResourceDoesNotExist
from databricks.sdk.service import jobs
from databricks.sdk.service.jobs import RunLifeCycleState, RunResultState

from support import Mock, case, equal, raises, task, tasks

MISSING = 4611686018427387905
LIST = "GET /api/2.2/jobs/runs/list"


def make(w, **settings) -> int:
    """Makes a job of one task and gives its id."""
    return w.jobs.create(**{"name": "runs", "tasks": [task("a")], "max_concurrent_runs": 1000, **settings}).job_id


@case("runs", "run-now gives an int64 run id, exact beyond 2^53")
def _(mock: Mock):
    w = mock.client()
    started = w.jobs.run_now(make(w))
    assert started.run_id > 2**53, started.run_id
    equal((started.response.run_id, started.response.number_in_job), (started.run_id, started.run_id))
    run = w.jobs.get_run(started.run_id)
    equal((run.run_id, run.state.life_cycle_state), (started.run_id, RunLifeCycleState.PENDING))


@case("runs", "run-now with a repeated token gives the same run")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w)
    first, again = (w.jobs.run_now(job_id, idempotency_token="token-1").run_id for _ in range(2))
    other = w.jobs.run_now(job_id, idempotency_token="token-2").run_id
    assert first == again != other, (first, again, other)
    equal([run.run_id for run in w.jobs.list_runs(job_id=job_id)], [other, first])


@case("runs", "a token of more than 64 characters is refused")
def _(mock: Mock):
    w = mock.client()
    with raises(InvalidParameterValue, "idempotency_token"):
        w.jobs.run_now(make(w), idempotency_token="t" * 65)


@case("runs", "a run holds the job's parameters with the values that it was given")
def _(mock: Mock):
    w = mock.client()
    declared = [jobs.JobParameterDefinition(name=name, default="x") for name in ["day", "hour"]]
    started = w.jobs.run_now(make(w, parameters=declared), job_parameters={"day": "monday"})
    found = w.jobs.get_run(started.run_id).job_parameters
    equal([(one.name, one.default, one.value) for one in found], [("day", "x", "monday"), ("hour", "x", "x")])


@case("runs", "a run that ended has its result, its times and its tasks")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w, name="ends")
    run_id = w.jobs.run_now(job_id).run_id
    mock.finish(run_id)
    run = w.jobs.get_run(run_id)
    equal((run.state.life_cycle_state, run.state.result_state), (RunLifeCycleState.TERMINATED, RunResultState.SUCCESS))
    equal((run.run_name, run.job_id, run.run_type), ("ends", job_id, jobs.RunType.JOB_RUN))
    equal((run.trigger, run.creator_user_name), (jobs.TriggerType.ONE_TIME, "operator@example.com"))
    assert run.end_time >= run.start_time > 1_600_000_000_000
    equal([(one.task_key, one.state.result_state) for one in run.tasks], [("a", RunResultState.SUCCESS)])
    assert run.run_page_url.endswith(f"/#job/{job_id}/run/{run_id}"), run.run_page_url


@case("runs", "a run that failed says why")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w)).run_id
    mock.finish(run_id, "FAILED", "Task a failed")
    state = w.jobs.get_run(run_id).state
    equal((state.result_state, state.state_message), (RunResultState.FAILED, "Task a failed"))


@case("runs", "every result that the SDK knows comes through")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w)
    for result in RunResultState:
        run_id = w.jobs.run_now(job_id).run_id
        mock.finish(run_id, result.value)
        equal(w.jobs.get_run(run_id).state.result_state, result)


@case("runs", "list_runs iterates over 60 runs, the newest first, in pages of 24")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w)
    made = [w.jobs.run_now(job_id).run_id for _ in range(60)]
    with mock.calls() as calls:
        found = [run.run_id for run in w.jobs.list_runs(job_id=job_id, limit=24)]
    equal(found, made[::-1])
    equal(calls, {LIST: 3})
    with raises(InvalidParameterValue, "limit"):
        list(w.jobs.list_runs(limit=26))


@case("runs", "list_runs tells active from completed runs, and takes one of the two filters")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w)
    ended, active = (w.jobs.run_now(job_id).run_id for _ in range(2))
    mock.finish(ended)
    equal([run.run_id for run in w.jobs.list_runs(job_id=job_id, active_only=True)], [active])
    equal([run.run_id for run in w.jobs.list_runs(job_id=job_id, completed_only=True)], [ended])
    with raises(InvalidParameterValue, "cannot both be true"):
        list(w.jobs.list_runs(active_only=True, completed_only=True))


@case("runs", "list_runs filters by the time of start, with both ends")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w)
    run_id = w.jobs.run_now(job_id).run_id
    start = w.jobs.get_run(run_id).start_time
    found = lambda **times: [run.run_id for run in w.jobs.list_runs(job_id=job_id, **times)]
    equal(found(start_time_from=start, start_time_to=start), [run_id])
    equal((found(start_time_from=start + 1), found(start_time_to=start - 1)), ([], []))


@case("runs", "list_runs without a job shows the runs of all jobs")
def _(mock: Mock):
    w = mock.client()
    pairs = {w.jobs.run_now(job_id).run_id: job_id for job_id in [make(w), make(w)]}
    found = {run.run_id: run.job_id for run in w.jobs.list_runs(active_only=True)}
    equal({run_id: found.get(run_id) for run_id in pairs}, pairs)


@case("runs", "get_run of a run with 250 tasks follows its pages")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w, tasks=tasks(250))).run_id
    with mock.calls() as calls:
        run = w.jobs.get_run(run_id)
    equal([one.task_key for one in run.tasks], [f"t{index:03}" for index in range(250)])
    equal(len({one.run_id for one in run.tasks} | {run_id}), 251)
    equal(calls, {"GET /api/2.2/jobs/runs/get": 3})


@case("runs", "list_runs with expand says which run it cut, so that the SDK gets the rest")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w, tasks=tasks(101))
    w.jobs.run_now(job_id)
    equal([len(run.tasks) for run in w.jobs.list_runs(job_id=job_id)], [0])
    equal([len(run.tasks) for run in w.jobs.list_runs(job_id=job_id, expand_tasks=True)], [101])


@case("runs", "a cancelled run ends as CANCELED, and cancelling it again does nothing")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w)).run_id
    run = w.jobs.cancel_run_and_wait(run_id, timeout=timedelta(seconds=5))
    equal((run.state.life_cycle_state, run.state.result_state), (RunLifeCycleState.TERMINATED, RunResultState.CANCELED))
    assert run.state.user_cancelled_or_timedout
    w.jobs.cancel_run(run_id)


@case("runs", "a repair runs a failed run again, and the next one has to name it")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w)).run_id
    mock.finish(run_id, "FAILED")
    first = w.jobs.repair_run(run_id, rerun_all_failed_tasks=True).response.repair_id
    assert first > 2**53, first
    equal(w.jobs.get_run(run_id).state.life_cycle_state, RunLifeCycleState.PENDING)
    with raises(InvalidState, "is active"):
        w.jobs.repair_run(run_id, rerun_all_failed_tasks=True, latest_repair_id=first)
    mock.finish(run_id, "FAILED")
    with raises(InvalidParameterValue, "latest repair ID"):
        w.jobs.repair_run(run_id, rerun_tasks=["a"])
    second = w.jobs.repair_run(run_id, rerun_tasks=["a"], latest_repair_id=first).response.repair_id
    history = [one for one in w.jobs.get_run(run_id, include_history=True).repair_history]
    equal([one.id for one in history if one.type is jobs.RepairHistoryItemType.REPAIR], [first, second])


@case("runs", "a repaired run's history begins with the original, and is shown only when asked for")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w)).run_id
    mock.finish(run_id, "FAILED")
    w.jobs.repair_run(run_id, rerun_tasks=["a"])
    kinds = [one.type.value for one in w.jobs.get_run(run_id, include_history=True).repair_history]
    equal(kinds, ["ORIGINAL", "REPAIR"])
    equal(w.jobs.get_run(run_id).repair_history, [])


@case("runs", "a repair that names no task is refused")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w)).run_id
    mock.finish(run_id, "FAILED")
    with raises(InvalidParameterValue, "rerun_all_failed_tasks"):
        w.jobs.repair_run(run_id)


@case("runs", "a missing run is ResourceDoesNotExist for get, and InvalidParameterValue for cancel")
def _(mock: Mock):
    w = mock.client()
    with raises(ResourceDoesNotExist, f"Run {MISSING} does not exist"):
        w.jobs.get_run(MISSING)
    with raises(InvalidParameterValue, f"Run {MISSING} does not exist"):
        w.jobs.cancel_run(MISSING)


@case("runs", "run-now of a missing job is InvalidParameterValue")
def _(mock: Mock):
    with raises(InvalidParameterValue, f"Job {MISSING} does not exist"):
        mock.client().jobs.run_now(MISSING)


@case("runs", "a run too many is skipped, or waits in the queue where there is one")
def _(mock: Mock):
    w = mock.client()
    for queue, expected in [(jobs.QueueSettings(False), RunLifeCycleState.SKIPPED), (None, RunLifeCycleState.QUEUED)]:
        job_id = make(w, max_concurrent_runs=1, queue=queue)
        w.jobs.run_now(job_id)
        equal(w.jobs.get_run(w.jobs.run_now(job_id).run_id).state.life_cycle_state, expected)


@case("runs", "run-now of a continuous job cancels its active run and starts anew")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w, continuous=jobs.Continuous(pause_status=jobs.PauseStatus.UNPAUSED))
    first, second = (w.jobs.run_now(job_id).run_id for _ in range(2))
    equal(w.jobs.get_run(first).state.result_state, RunResultState.CANCELED)
    equal(w.jobs.get_run(second).state.result_state, None)


@case("runs", "a submitted run has a job id of its own and its own type")
def _(mock: Mock):
    w = mock.client()
    step = jobs.SubmitTask("a", notebook_task=jobs.NotebookTask("/a"))
    first, again = (w.jobs.submit(run_name="once", tasks=[step], idempotency_token="s").run_id for _ in range(2))
    equal(first, again)
    run = w.jobs.get_run(first)
    equal((run.run_name, run.run_type, len(run.tasks)), ("once", jobs.RunType.SUBMIT_RUN, 1))
    equal([one.run_id for one in w.jobs.list_runs(run_type=jobs.RunType.SUBMIT_RUN)], [first])


@case("runs by the clock", "run_now_and_wait sees the run through to its end")
def _(mock: Mock):
    w = mock.client()
    seen = []
    waiter = w.jobs.run_now(make(w))
    run = waiter.result(timeout=timedelta(seconds=20), callback=lambda run: seen.append(run.state.life_cycle_state))
    equal(run.state.result_state, RunResultState.SUCCESS)
    assert seen and set(seen) <= {RunLifeCycleState.PENDING, RunLifeCycleState.RUNNING}, seen


@case("runs", "a run has state and status, and its page is on the host that was asked")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w)).run_id
    mock.finish(run_id, "FAILED", "it broke")
    run = w.jobs.get_run(run_id)
    equal((run.state.result_state, run.status.state), (RunResultState.FAILED, jobs.RunLifecycleStateV2State.TERMINATED))
    equal(run.status.termination_details.code, jobs.TerminationCodeCode.RUN_EXECUTION_ERROR)
    assert run.run_page_url.startswith(mock.host), run.run_page_url


@case("runs", "the output of a task, the export and the deletion of a run")
def _(mock: Mock):
    w = mock.client()
    run_id = w.jobs.run_now(make(w)).run_id
    task_run_id = w.jobs.get_run(run_id).tasks[0].run_id
    mock.finish(run_id, "FAILED", "it broke")
    equal(w.jobs.get_run_output(task_run_id).error, "it broke")
    equal(len(w.jobs.export_run(run_id).views), 1)
    w.jobs.delete_run(run_id)
    with raises(ResourceDoesNotExist, f"Run {run_id} does not exist"):
        w.jobs.get_run(run_id)


@case("runs", "cancel-all ends all runs of a job")
def _(mock: Mock):
    w = mock.client()
    job_id = make(w, max_concurrent_runs=2)
    ids = [w.jobs.run_now(job_id).run_id for _ in range(2)]
    w.jobs.cancel_all_runs(job_id=job_id)
    equal([w.jobs.get_run(one).state.result_state for one in ids], [RunResultState.CANCELED] * 2)
