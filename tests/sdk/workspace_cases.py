"""Notebooks, files and folders of the workspace."""

import base64
import io

from databricks.sdk.errors import BadRequest, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service.workspace import ImportFormat, Language, ObjectType

from support import Mock, case, equal, raises

SOURCE = "# Databricks notebook source\nprint(1)"


@case("workspace", "a notebook is imported, listed, exported and deleted")
def _(mock: Mock):
    w = mock.client()
    content = base64.b64encode(SOURCE.encode()).decode()
    w.workspace.import_("/Shared/n", content=content, format=ImportFormat.SOURCE, language=Language.PYTHON)
    found = w.workspace.get_status("/Shared/n")
    equal((found.object_type, found.language), (ObjectType.NOTEBOOK, Language.PYTHON))
    equal([one.path for one in w.workspace.list("/Shared")], ["/Shared/n"])
    equal(base64.b64decode(w.workspace.export("/Shared/n").content).decode(), SOURCE)
    with raises(ResourceAlreadyExists, "already exists"):
        w.workspace.import_("/Shared/n", content=content, format=ImportFormat.SOURCE, language=Language.PYTHON)
    w.workspace.delete("/Shared/n")
    with raises(ResourceDoesNotExist, "/Shared/n"):
        w.workspace.get_status("/Shared/n")


@case("workspace", "a file is uploaded as a form and downloaded byte by byte")
def _(mock: Mock):
    w = mock.client()
    data = bytes([0, 255, 128, 10])
    w.workspace.upload("/Shared/data.bin", io.BytesIO(data), format=ImportFormat.RAW)
    equal(w.workspace.get_status("/Shared/data.bin").object_type, ObjectType.FILE)
    with w.workspace.download("/Shared/data.bin") as file:
        equal(file.read(), data)


@case("workspace", "a folder is deleted with what is in it only when that is asked for")
def _(mock: Mock):
    w = mock.client()
    w.workspace.mkdirs("/Shared/folder/below")
    with raises(BadRequest, "not empty"):
        w.workspace.delete("/Shared/folder")
    w.workspace.delete("/Shared/folder", recursive=True)
    with raises(ResourceDoesNotExist, "/Shared/folder"):
        w.workspace.get_status("/Shared/folder")


@case("workspace", "a folder lives: made with those above it, found, made again without a word, deleted")
def _(mock: Mock):
    w = mock.client()
    w.workspace.mkdirs("/Shared/etl/daily")
    w.workspace.mkdirs("/Shared/etl/daily")
    found = w.workspace.get_status("/Shared/etl/daily")
    equal((found.object_type, found.path), (ObjectType.DIRECTORY, "/Shared/etl/daily"))
    equal([one.path for one in w.workspace.list("/Shared/etl")], ["/Shared/etl/daily"])
    with raises(BadRequest, "not empty"):
        w.workspace.delete("/Shared/etl")
    w.workspace.delete("/Shared/etl", recursive=True)
    with raises(ResourceDoesNotExist, "/Shared/etl"):
        w.workspace.get_status("/Shared/etl/daily")
