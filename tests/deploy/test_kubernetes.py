"""The cluster's manifests: whole, valid, locked up, and true to what the program reads."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import reconciler
from reconciler.config.files import load
from reconciler.config.settings import AccessToken, Bearer
from tests.deploy.recipes import DEPLOY, documents, foreign, run

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import kubernetes_validate  # type: ignore[import-untyped]

KUBERNETES = DEPLOY / "kubernetes"
BASE = KUBERNETES / "base"
OVERLAYS = sorted(each.parent for each in KUBERNETES.glob("overlays/*/kustomization.yaml"))
LAYERS = [BASE, *OVERLAYS]
KUSTOMIZATIONS = sorted(KUBERNETES.rglob("kustomization.yaml"))
# What the operator of Prometheus brings along; no core schema knows it.
FOREIGN_KINDS = {"ServiceMonitor"}
Manifest = dict[str, Any]

layers = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)


def identity(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def resources(folder: Path) -> Iterator[Manifest]:
    """Everything that a kustomization brings in, before its patches."""
    (kustomization,) = documents(folder / "kustomization.yaml")
    for name in (*kustomization.get("resources", ()), *kustomization.get("components", ())):
        path = folder / name
        if path.is_dir():
            yield from resources(path)
        else:
            assert path.is_file(), f"{folder.name} names {name}, which is not there"
            yield from documents(path)
    for generated in kustomization.get("configMapGenerator", ()):
        assert all((folder / each).is_file() for each in generated["files"])
        yield {"kind": "ConfigMap", "metadata": {"name": generated["name"]}}


def patches(folder: Path) -> Iterator[tuple[tuple[str, str], Any]]:
    """What a kustomization changes, and how; those it is made of go first."""
    (kustomization,) = documents(folder / "kustomization.yaml")
    for name in (*kustomization.get("resources", ()), *kustomization.get("components", ())):
        if (folder / name).is_dir():
            yield from patches(folder / name)
    for each in kustomization.get("patches", ()):
        text = each.get("patch") or (folder / each["path"]).read_text(encoding="utf-8")
        patch = yaml.safe_load(text)
        target = each.get("target")
        yield ((target["kind"], target["name"]) if target else identity(patch)), patch


def pods(layer: Path) -> Iterator[Manifest]:
    """The specification of every pod that a layer's own files start."""
    for manifest in resources(layer):
        spec = manifest.get("spec", {})
        if manifest["kind"] == "Deployment":
            yield spec["template"]["spec"]
        elif manifest["kind"] == "CronJob":
            yield spec["jobTemplate"]["spec"]["template"]["spec"]


def secrets_of(node: object) -> Iterator[str]:
    """The names of all secrets that are used somewhere below."""
    if isinstance(node, Mapping):
        yield from (node[key] for key in ("secretName",) if key in node)
        if "secretKeyRef" in node:
            yield node["secretKeyRef"]["name"]
        for each in node.values():
            yield from secrets_of(each)
    elif isinstance(node, list):
        for each in node:
            yield from secrets_of(each)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_every_file_is_named_and_every_name_is_a_file(path: Path) -> None:
    (kustomization,) = documents(path)
    named = {each for key in ("resources", "components") for each in kustomization.get(key, ())}
    named |= {each["path"] for each in kustomization.get("patches", ()) if "path" in each}
    named |= {f for each in kustomization.get("configMapGenerator", ()) for f in each["files"]}

    beside = {each.name for each in path.parent.glob("*.yaml") if ".example." not in each.name}
    assert {each for each in named if "/" not in each} == beside - {"kustomization.yaml"}
    assert all((path.parent / each).exists() for each in named)


@layers
def test_nothing_is_there_twice(layer: Path) -> None:
    found = [identity(each) for each in resources(layer)]

    assert len(found) == len(set(found))


@layers
def test_every_patch_meets_what_it_changes(layer: Path) -> None:
    found = {identity(each) for each in resources(layer)}

    for target, _ in patches(layer):
        assert target in found


@layers
def test_a_patch_of_a_container_meets_one_or_adds_a_whole_one(layer: Path) -> None:
    containers = {each["name"] for pod in pods(layer) for each in pod["containers"]}

    for (kind, _), patch in patches(layer):
        if kind == "Deployment" and "spec" in patch:
            spec = patch["spec"]["template"]["spec"]
            for each in (*spec.get("containers", ()), *spec.get("initContainers", ())):
                assert each["name"] in containers or "image" in each


FLEET = KUBERNETES / "overlays" / "fleet"
TENANT = FLEET / "tenant.example.yaml"
PATCHES = {"fleet.yaml", "git-sync.yaml", "network.yaml", "postgres.yaml"}
MANIFESTS = [
    pytest.param(document, id=f"{path.relative_to(KUBERNETES)}:{document['kind']}")
    for path in sorted(
        set(KUBERNETES.rglob("*.yaml")) - {*KUSTOMIZATIONS, BASE / "config.yaml", TENANT}
    )
    if path.name not in PATCHES
    for document in documents(path)
    if document["kind"] not in FOREIGN_KINDS
]


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_manifest_is_what_kubernetes_knows(manifest: Manifest) -> None:
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def _containers(pod: Manifest) -> Iterator[Manifest]:
    yield from (*pod["containers"], *pod.get("initContainers", ()))


def is_locked_up(container: Manifest) -> bool:
    limits: Manifest = container["resources"]["limits"]
    return "memory" in limits and container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@layers
def test_every_container_is_locked_up(layer: Path) -> None:
    patched = [
        each
        for (kind, _), patch in patches(layer)
        if kind == "Deployment" and "spec" in patch
        for each in _containers({"containers": [], **patch["spec"]["template"]["spec"]})
        if "image" in each
    ]
    for container in (*patched, *(each for pod in pods(layer) for each in _containers(pod))):
        assert is_locked_up(container)


@layers
def test_no_pod_is_root_or_knows_the_cluster(layer: Path) -> None:
    for pod in pods(layer):
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] == security["runAsGroup"] == 10001
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False


def test_the_user_is_the_image_s() -> None:
    assert "USER 10001:10001" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


@layers
def test_what_a_pod_mounts_is_among_its_volumes(layer: Path) -> None:
    for pod in pods(layer):
        volumes = {each["name"] for each in pod["volumes"]}
        assert {m["name"] for c in _containers(pod) for m in c["volumeMounts"]} == volumes


@layers
def test_every_secret_is_one_that_the_layer_tells_of(layer: Path) -> None:
    (example,) = documents(BASE / "secret.example.yaml")
    told = (layer / "kustomization.yaml").read_text(encoding="utf-8")
    used = {*secrets_of(list(pods(layer))), *secrets_of([patch for _, patch in patches(layer)])}

    for name in used - {example["metadata"]["name"]}:
        assert f"Secret `{name}`" in told


def test_the_configuration_reads_the_secret_that_is_mounted() -> None:
    (example,) = documents(BASE / "secret.example.yaml")
    (pod,) = pods(BASE)
    (folder,) = (
        mount["mountPath"]
        for mount in pod["containers"][0]["volumeMounts"]
        if mount["name"] == "secrets"
    )
    settings = load(BASE / "config.yaml", environment={}).settings

    assert settings.studio is not None
    assert isinstance(settings.studio.auth, AccessToken)
    assert isinstance(settings.daemon.auth, Bearer)
    files = {settings.studio.auth.token.file, settings.daemon.auth.token.file}
    assert files == {Path(folder, key) for key in example["stringData"]}


def test_the_probes_ask_where_the_daemon_listens() -> None:
    (pod,) = pods(BASE)
    (container,) = pod["containers"]
    settings = load(BASE / "config.yaml", environment={}).settings

    assert settings.daemon.listen == ("0.0.0.0", 8080)  # noqa: S104 - inside a pod
    assert container["ports"] == [{"name": "http", "containerPort": 8080}]
    probes = ("startupProbe", "livenessProbe", "readinessProbe")
    assert [container[each]["httpGet"] for each in probes] == [
        {"path": "/healthz", "port": "http"},
        {"path": "/healthz", "port": "http"},
        {"path": "/readyz", "port": "http"},
    ]


def test_the_image_is_of_this_version() -> None:
    (kustomization,) = documents(BASE / "kustomization.yaml")

    assert [each["newTag"] for each in kustomization["images"]] == [reconciler.__version__]


@functools.cache
def rendered(layer: Path) -> list[Manifest]:
    kubectl = foreign("kubectl", "https://kubernetes.io/docs/tasks/tools/")
    return [each for each in yaml.safe_load_all(run(kubectl, "kustomize", layer)) if each]


KINDS = {
    "base": {"ConfigMap", "Deployment", "PersistentVolumeClaim", "Service"},
    "cronjob": {"ConfigMap", "CronJob", "PersistentVolumeClaim"},
    "fleet": {"Deployment", "PodDisruptionBudget", "Service", "ServiceMonitor"},
    "git-sync": {"Deployment", "PersistentVolumeClaim", "Service", "ServiceMonitor"},
    "postgres": {
        "ConfigMap",
        "Deployment",
        "PodDisruptionBudget",
        "Service",
        "ServiceMonitor",
    },
}


@layers
def test_what_kustomize_makes_is_valid_and_whole(layer: Path) -> None:
    made = rendered(layer)

    kinds = {each["kind"] for each in made}
    assert kinds == KINDS[layer.name] | {"NetworkPolicy", "ServiceAccount"}
    for manifest in made:
        if manifest["kind"] not in FOREIGN_KINDS:
            version = kubernetes_validate.latest_version()
            kubernetes_validate.validate(manifest, version, strict=True)


@layers
def test_what_kustomize_makes_mounts_every_volume_and_no_other(layer: Path) -> None:
    for manifest in rendered(layer):
        if manifest["kind"] not in {"Deployment", "CronJob"}:
            continue
        spec = manifest["spec"]
        template = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec
        pod = template["template"]["spec"]
        assert {m["name"] for c in _containers(pod) for m in c["volumeMounts"]} == {
            each["name"] for each in pod["volumes"]
        }
        assert all(is_locked_up(each) for each in _containers(pod))


def deployment(layer: Path) -> Manifest:
    """What the Deployment of a layer comes to."""
    (made,) = (each["spec"] for each in rendered(layer) if each["kind"] == "Deployment")
    spec: Manifest = made
    return spec


def reconciler_of(layer: Path) -> Manifest:
    """The container of a layer's Deployment that runs the program."""
    containers: list[Manifest] = deployment(layer)["template"]["spec"]["containers"]
    return next(each for each in containers if each["name"] == "reconciler")


WITH_GIT = [FLEET, KUBERNETES / "overlays" / "git-sync"]
SHARING = {FLEET: 3, KUBERNETES / "overlays" / "postgres": 2}


@pytest.mark.parametrize("layer", WITH_GIT, ids=lambda layer: layer.name)
def test_only_git_writes_the_files_that_the_daemon_reads(layer: Path) -> None:
    pod = deployment(layer)["template"]["spec"]
    read_only = {
        container["name"]: mount.get("readOnly", False)
        for container in _containers(pod)
        for mount in container["volumeMounts"]
        if mount["name"] == "permissions"
    }

    assert read_only == {"reconciler": True, "git-sync": False, "git-first": False}


@pytest.mark.parametrize(
    ("layer", "daemons"), SHARING.items(), ids=lambda each: getattr(each, "name", None)
)
def test_daemons_that_share_a_state_are_never_all_away(layer: Path, daemons: int) -> None:
    spec = deployment(layer)
    (spread,) = spec["template"]["spec"]["topologySpreadConstraints"]
    (budget,) = (each for each in rendered(layer) if each["kind"] == "PodDisruptionBudget")

    assert spec["replicas"] == daemons
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert (spread["topologyKey"], spread["maxSkew"]) == ("kubernetes.io/hostname", 1)
    assert budget["spec"]["maxUnavailable"] == 1
    labels = spec["template"]["metadata"]["labels"].items()
    for each in (spread["labelSelector"], budget["spec"]["selector"]):
        assert each["matchLabels"].items() <= labels


@pytest.mark.parametrize("layer", SHARING, ids=lambda layer: layer.name)
def test_daemons_that_share_a_state_have_it_from_the_secret(layer: Path) -> None:
    environment = {each["name"]: each for each in reconciler_of(layer)["env"]}

    state = environment["RECONCILER_STATE"]["valueFrom"]["secretKeyRef"]
    assert state == {"name": "reconciler-postgres", "key": "url"}


def test_the_daemons_of_many_tenants_read_a_folder_of_the_checkout() -> None:
    container = reconciler_of(FLEET)
    environment = {each["name"]: each.get("value") for each in container["env"]}
    (permissions,) = (
        each["mountPath"] for each in container["volumeMounts"] if each["name"] == "permissions"
    )

    # As the example says where it belongs: the folder has the name that the repository gives it.
    assert environment["RECONCILER_CONFIG"] == f"{permissions}/current/tenants"
    assert TENANT.read_text(encoding="utf-8").startswith("# tenants/")


def test_a_tenant_finds_its_secrets_and_is_shown_where_the_probes_ask() -> None:
    mounts = {each["name"]: each["mountPath"] for each in reconciler_of(FLEET)["volumeMounts"]}
    (example,) = documents(BASE / "secret.example.yaml")
    settings = load(TENANT, environment={}).settings

    assert settings.studio is not None
    assert isinstance(settings.studio.auth, AccessToken)
    assert settings.studio.auth.token.file == Path(mounts["tenants"], "north-college")
    assert isinstance(settings.daemon.auth, Bearer)
    assert settings.daemon.auth.token.file == Path(mounts["secrets"], "page-token")
    assert "page-token" in example["stringData"]
    assert (
        settings.daemon.listen == load(BASE / "config.yaml", environment={}).settings.daemon.listen
    )
