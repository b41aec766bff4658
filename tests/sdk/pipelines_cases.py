"""Pipelines."""

from databricks.sdk.errors import (
    InvalidParameterValue,
    ResourceAlreadyExists,
    ResourceConflict,
    ResourceDoesNotExist,
)
from databricks.sdk.service import pipelines

import answers
from support import Mock, case, equal, raises

PIPELINES = r"/api/2\.0/pipelines"

answers.READERS.update(
    {
        f"GET {PIPELINES}": pipelines.ListPipelinesResponse,
        f"POST {PIPELINES}": pipelines.CreatePipelineResponse,
        f"GET {PIPELINES}/[0-9a-f-]+": pipelines.GetPipelineResponse,
        f"PUT {PIPELINES}/[0-9a-f-]+": answers.Nothing,
        f"DELETE {PIPELINES}/[0-9a-f-]+": answers.Nothing,
        f"POST {PIPELINES}/[0-9a-f-]+/updates": pipelines.StartUpdateResponse,
        f"GET {PIPELINES}/[0-9a-f-]+/updates": pipelines.ListUpdatesResponse,
        f"GET {PIPELINES}/[0-9a-f-]+/updates/[0-9a-f-]+": pipelines.GetUpdateResponse,
        f"GET {PIPELINES}/[0-9a-f-]+/events": pipelines.ListPipelineEventsResponse,
        f"POST {PIPELINES}/[0-9a-f-]+/stop": answers.Nothing,
    }
)

LIBRARIES = [pipelines.PipelineLibrary(notebook=pipelines.NotebookLibrary(path="/Shared/orders"))]


@case("compute", "a pipeline lives: create, get, update, list, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.pipelines.create(name="orders", catalog="Main", schema="sales", libraries=LIBRARIES, tags={"team": "a"})
    found = w.pipelines.get(made.pipeline_id)
    equal((found.name, found.state, found.spec.catalog), ("orders", pipelines.PipelineState.IDLE, "main"))
    equal((found.spec.id, found.spec.channel, found.spec.edition), (made.pipeline_id, "CURRENT", "ADVANCED"))
    equal((found.spec.tags, found.spec.libraries), ({"team": "a"}, LIBRARIES))
    assert found.creator_user_name and found.last_modified, found
    w.pipelines.update(made.pipeline_id, name="sales", catalog="main", schema="sales", development=True)
    found = w.pipelines.get(made.pipeline_id)
    equal((found.name, found.spec.development, found.spec.libraries, found.spec.tags), ("sales", True, [], None))
    [row] = w.pipelines.list_pipelines(filter="name LIKE 'sal%'")
    equal((row.pipeline_id, row.name, row.state), (made.pipeline_id, "sales", pipelines.PipelineState.IDLE))
    equal(list(w.pipelines.list_pipelines(filter="name LIKE 'orders'")), [])
    w.pipelines.delete(made.pipeline_id)
    with raises(ResourceDoesNotExist, "was not found"):
        w.pipelines.get(made.pipeline_id)


@case("compute", "more pipelines than fit on a page are all listed")
def _(mock: Mock):
    w = mock.client()
    made = {w.pipelines.create(name=f"p{number}").pipeline_id for number in range(30)}
    equal(made - {row.pipeline_id for row in w.pipelines.list_pipelines()}, set())
    equal(made - {row.pipeline_id for row in w.pipelines.list_pipelines(max_results=7)}, set())
    with raises(InvalidParameterValue, "max_results"):
        list(w.pipelines.list_pipelines(max_results=101))


@case("compute", "a name that is taken is refused, and so is an edit that did not see the one before")
def _(mock: Mock):
    w = mock.client()
    made = w.pipelines.create(name="orders")
    with raises(ResourceAlreadyExists, "already used by another pipeline"):
        w.pipelines.create(name="orders")
    seen = w.pipelines.get(made.pipeline_id).last_modified
    w.pipelines.update(made.pipeline_id, name="orders", expected_last_modified=seen)
    with raises(ResourceAlreadyExists):
        w.pipelines.update(made.pipeline_id, name="orders", expected_last_modified=seen - 1)


@case("compute", "an update of a pipeline lives: start, get, list, events, stop; a second one beside it is refused")
def _(mock: Mock):
    w = mock.client()
    made = w.pipelines.create(name="updated")
    started = w.pipelines.start_update(made.pipeline_id, full_refresh=True, parameters={"day": "1"})
    with raises(ResourceConflict, "active update"):
        w.pipelines.start_update(made.pipeline_id)
    update = w.pipelines.get_update(made.pipeline_id, started.update_id).update
    equal((update.state, update.cause), (pipelines.UpdateInfoState.CREATED, pipelines.UpdateInfoCause.API_CALL))
    equal((update.full_refresh, update.parameters, update.pipeline_id), (True, {"day": "1"}, made.pipeline_id))
    found = w.pipelines.get(made.pipeline_id)
    equal((found.state, found.latest_updates[0].update_id), (pipelines.PipelineState.RUNNING, started.update_id))
    w.pipelines.stop(made.pipeline_id)
    [row] = w.pipelines.list_updates(made.pipeline_id).updates
    equal((row.update_id, row.state), (started.update_id, pipelines.UpdateInfoState.CANCELED))
    assert row.creation_time, row
    last = next(w.pipelines.list_pipeline_events(made.pipeline_id))
    equal((last.event_type, last.origin.update_id, last.level), ("update_progress", started.update_id, pipelines.EventLevel.INFO))
    equal(list(w.pipelines.list_pipeline_events(made.pipeline_id, filter="level='ERROR'")), [])
    w.pipelines.stop(made.pipeline_id)
    with raises(ResourceDoesNotExist, "update"):
        w.pipelines.get_update(made.pipeline_id, "00000000-0000-4000-9000-000000000099")
    with raises(ResourceDoesNotExist, "pipeline"):
        w.pipelines.start_update("00000000-0000-4000-8000-000000000099")
