"""Drives a Kubernetes API as programs written in Python do: the official client, its watches and leader election, and
an operator of kopf. Each check prints one line: "ok NAME" or "FAILED NAME: why"."""

import asyncio
import base64
import os
import sys
import threading
import time

import kopf
import kubernetes
from kubernetes.client.rest import ApiException

KUBECONFIG = sys.argv[1]
os.environ["KUBECONFIG"] = KUBECONFIG  # kopf reads it there
NAMESPACE = "default"
GROUP = "judge.example.com"
PATIENCE = 30


def until(what, done):
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.05)


def config_maps_live(core):
    made = core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "py"}, "data": {"a": "1"}})
    patched = core.patch_namespaced_config_map("py", NAMESPACE, {"data": {"b": "2"}})
    assert patched.data == {"a": "1", "b": "2"}, patched.data
    try:
        core.replace_namespaced_config_map("py", NAMESPACE, made)
        raise AssertionError("an old version was taken")
    except ApiException as error:
        assert error.status == 409, error
    core.delete_namespaced_config_map("py", NAMESPACE)
    assert core.list_namespaced_config_map(NAMESPACE, field_selector="metadata.name=py").items == []


def secrets_keep_bytes(core):
    data = {"bytes": base64.b64encode(bytes(range(256))).decode()}
    core.create_namespaced_secret(NAMESPACE, {"metadata": {"name": "py"}, "data": data, "stringData": {"text": "ä"}})
    found = core.read_namespaced_secret("py", NAMESPACE)
    assert base64.b64decode(found.data["bytes"]) == bytes(range(256))
    assert base64.b64decode(found.data["text"]).decode() == "ä"
    core.delete_namespaced_secret("py", NAMESPACE)


def watches_follow(core):
    seen = []
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version

    def follow():
        watch = kubernetes.watch.Watch()
        for event in watch.stream(core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=PATIENCE):
            if event["object"].metadata.name == "watched":
                seen.append(event["type"])
            if event["type"] == "DELETED":
                watch.stop()

    thread = threading.Thread(target=follow)
    thread.start()
    core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "watched"}})
    core.patch_namespaced_config_map("watched", NAMESPACE, {"data": {"a": "1"}})
    core.delete_namespaced_config_map("watched", NAMESPACE)
    thread.join(PATIENCE)
    assert seen == ["ADDED", "MODIFIED", "DELETED"], seen


def definition():
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    return {
        "metadata": {"name": f"gadgets.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "gadgets", "kind": "Gadget"},
            "versions": [{
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": schema},
                "subresources": {"status": {}},
            }],
        },
    }


@kopf.on.create(GROUP, "v1", "gadgets")
def created(spec, **_):
    return {"size": spec["size"]}


@kopf.on.update(GROUP, "v1", "gadgets", field="spec.size")
def updated(new, **_):
    return {"size": new}


@kopf.on.delete(GROUP, "v1", "gadgets")
def deleted(**_):
    pass


@kopf.on.login()
def login(**kwargs):
    return kopf.login_with_kubeconfig(**kwargs)


def kopf_reconciles(core):
    kubernetes.client.ApiextensionsV1Api().create_custom_resource_definition(definition())
    gadgets = kubernetes.client.CustomObjectsApi()
    where = (GROUP, "v1", NAMESPACE, "gadgets")
    stop, ready = threading.Event(), threading.Event()
    run = lambda: asyncio.run(kopf.operator(standalone=True, namespaces=[NAMESPACE], stop_flag=stop, ready_flag=ready))
    operator = threading.Thread(target=run)
    operator.start()
    try:
        assert ready.wait(PATIENCE), "the operator is not ready"
        gadgets.create_namespaced_custom_object(*where, {
            "apiVersion": f"{GROUP}/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"size": 1},
        })
        read = lambda: gadgets.get_namespaced_custom_object(*where, "g")
        until("created", lambda: read().get("status", {}).get("created", {}).get("size") == 1)
        assert read()["metadata"]["finalizers"] == ["kopf.zalando.org/KopfFinalizerMarker"]
        gadgets.patch_namespaced_custom_object(*where, "g", {"spec": {"size": 2}})
        until("updated", lambda: read().get("status", {}).get("updated/spec.size", {}).get("size") == 2)
        gadgets.delete_namespaced_custom_object(*where, "g")
        until("deleted", lambda: gadgets.list_namespaced_custom_object(*where)["items"] == [])
    finally:
        stop.set()
        operator.join(PATIENCE)


CHECKS = {
    "the Python client creates, patches, replaces with a version, and deletes": config_maps_live,
    "the Python client reads a Secret's bytes back": secrets_keep_bytes,
    "a watch of the Python client follows": watches_follow,
    "an operator of kopf creates, updates and deletes": kopf_reconciles,
}

if __name__ == "__main__":
    kubernetes.config.load_kube_config(KUBECONFIG)
    failed = False
    for name, check in CHECKS.items():
        try:
            check(kubernetes.client.CoreV1Api())
            print(f"ok {name}", flush=True)
        except Exception as error:  # Whatever it is, it is told, and the next check runs.
            failed = True
            print(f"FAILED {name}: {type(error).__name__}: {str(error)[:500]!r}", flush=True)
    sys.exit(1 if failed else 0)
