"""The shell's flags, drawn from the fields of the models in `pipeline.spec`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from pipeline import options
from pipeline.errors import StudioError, UnknownNameError
from pipeline.options import Field, Options

_NAMES = {"path": ("-o", "--output")}
"""Flags that are not called as their field is."""

_HINTS = {
    "consent": "Add --consent me, --consent permission or --consent fictional.",
    "overwrite": "Add --overwrite to replace it.",
    "captions": "The transcript goes with --text or --text-file.",
    "lines": "A translation by hand goes with --lines.",
    "to": "The language to translate to goes with --to, that of the original with --language.",
    "text": "Words go with --text, --text-file or --audio.",
}
"""What the shell adds to an error about a parameter."""

_METAVARS = {"integer": "N", "number": "X", "file": "FILE", "options": "NAME=VALUE", "numbers": "A:B:C"}


class Command(click.Command):
    """A command whose help lists its options under headings, and its examples behind them."""

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._examples = examples

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Options by group, in the order in which the groups come first."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(context):
            record = parameter.get_help_record(context)
            if isinstance(parameter, click.Option) and record is not None:
                groups.setdefault(getattr(parameter, "group", "Machine"), []).append(record)
        for heading, rows in groups.items():
            with formatter.section(heading):
                formatter.write_dl(rows)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, as they would be typed."""
        if self._examples:
            with formatter.section("Examples"):
                for line in self._examples.strip().splitlines():
                    formatter.write(f"  {line.strip()}\n" if line.strip() else "\n")


class Flag(click.Option):
    """An option under a heading."""

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class _Choice(click.Choice[str]):
    """Shows and completes what can be chosen; the model itself refuses anything else, in its own words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value


def flags(
    kind: type[Options], *, only: Iterable[str] | None = None, without: Iterable[str] = ()
) -> list[Flag]:
    """A flag for each field of a model; `only` these, or all `without` those."""
    wanted = None if only is None else set(only)
    left_out = set(without)
    return [
        _flag(field)
        for field in options.fields(kind)
        if field.name not in left_out and (wanted is None or field.name in wanted)
    ]


def given(values: dict[str, Any], kind: type[Options]) -> dict[str, Any]:
    """What was typed for the fields of a model; what was left out is left to the model."""
    names = [name for name in kind.model_fields if values.get(name) not in (None, ())]
    return {name: _pairs(values[name]) if name.endswith("_options") else values[name] for name in names}


def hint(error: StudioError) -> str:
    """What the shell adds to an error's sentence; empty where that says it all."""
    if isinstance(error, UnknownNameError) and error.parameter == "voice":
        return "`talking-head voices` lists all."
    return _HINTS.get(error.parameter or "", "")


def applied(parameters: Iterable[click.Parameter]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that adds parameters to a command, in this order, before its own."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        known = getattr(function, "__click_params__", [])
        function.__click_params__ = [*reversed(list(parameters)), *known]  # type: ignore[attr-defined]
        return function

    return decorate


def _flag(field: Field) -> Flag:
    base = field.name.removesuffix("s") if field.kind == "options" else field.name
    name = f"--{base.replace('_', '-')}"
    about: dict[str, Any] = {"help": _help(field), "group": field.group, "required": field.required}
    if field.kind == "flag":
        switch = f"--no-{field.name}" if field.default else name
        return Flag([switch, field.name], flag_value=not field.default, is_flag=True, default=None, **about)
    if field.kind == "options":
        return Flag([name, field.name], multiple=True, metavar="NAME=VALUE", **about)
    if field.kind == "files":
        about["help"] += " May be given several times."
        return Flag([name, field.name], multiple=True, metavar="FILE", **about)
    if field.choices:
        return Flag([name, field.name], type=_Choice([str(choice) for choice in field.choices]), **about)
    decls = [*_NAMES.get(field.name, (name,)), field.name]
    return Flag(decls, metavar=_metavar(field), **about)


def _help(field: Field) -> str:
    if field.kind == "flag" and field.default:
        return f"Without {field.help[:1].lower()}{field.help[1:]}"
    default = options.typed(field.default) if field.kind not in ("flag", "options") else ""
    return f"{field.help} [default: {default}]" if default else field.help


def _metavar(field: Field) -> str:
    if field.low is not None and field.high is not None and field.high < 2**16:
        return f"{field.low:g}..{field.high:g}"
    return _METAVARS.get(field.kind, field.name.upper())


def _pairs(typed: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for text in typed:
        name, separator, value = text.partition("=")
        if not separator:
            raise click.UsageError(f"{text!r} is not of the form NAME=VALUE.")
        pairs[name] = value
    return pairs
