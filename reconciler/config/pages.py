"""The `daemon` section: where its pages are, and who may see them."""

from __future__ import annotations

from reconciler.config.addresses import Listen, is_loopback
from reconciler.config.problems import Unusable
from reconciler.config.records import Fields, Keys, Record, optional, required
from reconciler.config.scalars import Text
from reconciler.config.secrets import SecretPlace
from reconciler.config.settings import Basic, Bearer, DaemonSettings, PageAuth


class BasicKeys(Keys):
    """`daemon.auth.basic`."""

    user = required(Text("user"), "The name to give; without a colon.")
    password = required(SecretPlace("password"), "The password; {env: NAME} or {file: PATH}.")


def _basic(fields: Fields) -> Basic:
    user = fields[BasicKeys.user]
    if ":" in user or not user.isprintable():
        message = "user must not hold a colon or a control character: browsers cannot send it"
        raise fields.refuse(BasicKeys.user, message)
    return Basic(user, fields[BasicKeys.password])


class AuthKeys(Keys):
    """`daemon.auth`."""

    bearer = optional(
        SecretPlace("bearer"), "A token for machines to send; {env: NAME} or {file: PATH}."
    )
    basic = optional(
        Record(BasicKeys, _basic, "basic"), "A name and a password, which browsers ask for."
    )


def _auth(fields: Fields) -> PageAuth:
    by_token, by_password = (fields.has(key) for key in (AuthKeys.bearer, AuthKeys.basic))
    if by_token == by_password:
        message = "auth needs bearer or basic, one of them"
        raise fields.reading.refuse(fields.location, message)
    bearer, basic = fields[AuthKeys.bearer], fields[AuthKeys.basic]
    if bearer is not None:
        return Bearer(bearer)
    if basic is not None:
        return basic
    raise Unusable


class DaemonKeys(Keys):
    """`daemon`."""

    listen = optional(
        Listen("listen"), "HOST:PORT of the status page, health and metrics; off when absent."
    )
    auth = optional(
        Record(
            AuthKeys,
            _auth,
            "auth",
            constraints={"oneOf": [{"required": ["bearer"]}, {"required": ["basic"]}]},
        ),
        "Who may see the pages; needed where other machines can reach them. Health stays open.",
    )


def _daemon(fields: Fields) -> DaemonSettings:
    listen = fields[DaemonKeys.listen]
    if listen is not None and not is_loopback(listen[0]) and not fields.has(DaemonKeys.auth):
        message = (
            "listen is an address that other machines can reach, and the pages name people;"
            " add auth below daemon (bearer or basic), or listen on 127.0.0.1"
        )
        raise fields.refuse(DaemonKeys.listen, message)
    return DaemonSettings(listen, fields[DaemonKeys.auth])


DAEMON = Record(DaemonKeys, _daemon, "daemon")
