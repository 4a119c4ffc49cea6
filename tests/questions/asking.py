"""A tenant in this process, and what the questions are asked with."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reconciler.config.files import Loaded, Text, Texts, interpret
from reconciler.config.reading import Root
from reconciler.core.plan import Plan
from reconciler.passes.draft import Draft, draft, look
from reconciler.passes.ports import Task
from reconciler.passes.rounds import preview
from reconciler.questions.comparison import Comparison
from reconciler.sandbox.convert import world_of
from reconciler.sandbox.document import TenantDocument
from reconciler.sandbox.faults import Fault, Schedule
from reconciler.sandbox.seed import SCHOOL
from reconciler.sandbox.state import State
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.tenant import Tenant
from reconciler.sandbox.transport import SandboxTransport
from reconciler.studio.auth import AccessToken
from reconciler.studio.client import connect
from reconciler.studio.observe import Observer
from reconciler.studio.options import ClientOptions
from tests.builders import NOW

HEAD = "version: 1\nmode: authoritative\n"
OPTIONS = ClientOptions(
    base_url="https://sandbox.localhost", requests_per_second=1000, concurrency=1
)


def tenant_of(
    document: Mapping[str, object] = SCHOOL, *faults: Fault, **switches: object
) -> Tenant:
    """A tenant as a seed says; the little school unless told otherwise."""
    world = world_of(TenantDocument.model_validate(document))
    tenant = Tenant(State(world=world, switches=Switches()), faults=Schedule(faults))
    tenant.switch(**switches)
    return tenant


@contextmanager
def observing(tenant: Tenant) -> Iterator[Observer]:
    """A reader of the tenant, as its own user."""
    transport = SandboxTransport(tenant)
    tokens = AccessToken(lambda: "sandbox", "the sandbox")
    stop = threading.Event()
    with connect(OPTIONS, tokens, stop=stop, transport=transport, sleep=lambda _: None) as reader:
        yield Observer(reader, concurrency=OPTIONS.concurrency)


def loaded(text: str) -> Loaded:
    """The text as the file `config.yaml` of a folder that is nowhere."""
    folder = Path("/nowhere")
    texts = Texts(
        folder / "config.yaml", Root(folder, folder), (Text("config.yaml", text.encode()),)
    )
    return interpret(texts, environment={}, sandbox=True)


def task_of(text: str) -> Task:
    declared = loaded(text).declarations
    return Task(declarations=declared, entries=declared.collections)


def plan_of(text: str, tenant: Tenant) -> Plan:
    """What a pass would do with this file."""
    with observing(tenant) as studio:
        return preview(studio, task_of(text), NOW).plan


def compared(text: str, studio: Observer) -> Comparison:
    """This file beside the tenant, its plan judged."""
    made = preview(studio, task_of(text), NOW)
    return comparison_of(task_of(text), made.draft, made.plan)


def comparison_of(task: Task, made: Draft, plan: Plan) -> Comparison:
    return Comparison(
        declarations=task.declarations,
        observed=made.view.observed,
        desired=made.desired,
        plan=plan,
        who=made.who,
    )


def drafted(text: str, studio: Observer) -> Comparison:
    """This file beside the tenant, not judged."""
    task = task_of(text)
    made = draft(studio, task, look(studio, task), task.entries, NOW)
    return comparison_of(task, made, made.plan)
