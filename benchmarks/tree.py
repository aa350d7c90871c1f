"""A service to measure with: layers of modules over FastAPI, SQLAlchemy, Pydantic and boto3.

It has two entrypoints: `shop.main`, which has all routes and so loads nearly all modules, as
applications do, and `shop.few`, which has every fourth of them.

The same size and seed give the same files, byte for byte.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "shop"

_MODEL = '''\
"""Table `{table}`."""

from sqlalchemy import {columns}
from sqlalchemy.orm import Mapped, mapped_column

from {package}.models.base import Base
{imports}

class {cls}(Base):
    """A row of `{table}`."""

    __tablename__ = "{table}"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String({width}), index=True)
    amount: Mapped[int] = mapped_column(Integer, default=0)
{fields}'''

_SCHEMA = '''\
"""What clients send and get for `{table}`."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

{imports}

class {cls}In(BaseModel):
    """A new row."""

    label: str = Field(min_length=1, max_length={width})
    amount: int = Field(default=0, ge=0)

    @field_validator("label")
    @classmethod
    def strip(cls, label: str) -> str:
        """The label without blanks around it."""
        return label.strip()


class {cls}Out({cls}In):
    """A stored row."""

    model_config = ConfigDict(from_attributes=True)

    id: int
{fields}'''

_REPOSITORY = '''\
"""Reads and writes `{table}`."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

{imports}

class {cls}Repository:
    """The rows of `{table}`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def total(self) -> int:
        """How many rows there are."""
        return self.session.scalar(select(func.count({first}.id))) or 0


RELATED = ({related})
LATEST = select({first}).order_by({first}.id.desc()).limit({width})
'''

_SERVICE = '''\
"""What the shop does with `{table}`."""

import boto3
from botocore.config import Config
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

{imports}

RELATED = ({related})
AMOUNTS = TypeAdapter(dict[str, int])
QUEUE = Config(region_name="eu-west-1", connect_timeout={width})


class {cls}Service:
    """The rules for `{table}`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def amounts(self, raw: str) -> dict[str, int]:
        """The amounts in a JSON text; none when the database refuses."""
        try:
            self.session.flush()
        except SQLAlchemyError:
            return {{}}
        return AMOUNTS.validate_json(raw)

    def notify(self, url: str, body: str) -> None:
        """Put a message into the queue of an address."""
        boto3.client("sqs", config=QUEUE).send_message(QueueUrl=url, MessageBody=body)
'''

_ROUTE = '''\
"""HTTP routes of `{table}`."""

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

{imports}

router = APIRouter(prefix="/{table}", tags=["{table}"])
RELATED = ({related})


class {cls}Page(BaseModel):
    """One page of `{table}`."""

    offset: int
    amounts: dict[str, int]


@router.get("/", response_model={cls}Page)
def page(offset: int = Query(default=0, ge=0)) -> {cls}Page:
    """The page that starts at `offset`."""
    if offset > {width}:
        raise HTTPException(status_code=404, detail="no such page")
    return {cls}Page(offset=offset, amounts={{}})
'''

_BASE = '''\
"""What every table has in common."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The root of all tables."""
'''

_MAIN = '''\
"""What the container starts."""

import boto3
import sqlalchemy
from fastapi import FastAPI

{imports}
app = FastAPI()
SESSION, METADATA = boto3.Session, sqlalchemy.MetaData()
for router in ({routers}):
    app.include_router(router)
'''

_NOUNS = (
    *("account", "basket", "invoice", "item", "ledger", "offer", "order", "parcel"),
    *("payment", "price", "product", "refund", "review", "stock", "supplier", "voucher"),
)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One folder of modules alike.

    Attributes:
        name: the package's name.
        template: the text of each module.
        suffix: what a module's class is called after its noun.
        below: the layers that its modules import from; without any, earlier modules of its own.
    """

    name: str
    template: str
    suffix: str
    below: tuple[str, ...]


LAYERS = (
    Layer(name="models", template=_MODEL, suffix="", below=()),
    Layer(name="schemas", template=_SCHEMA, suffix="Out", below=()),
    Layer(name="repositories", template=_REPOSITORY, suffix="Repository", below=("models",)),
    Layer(
        name="services",
        template=_SERVICE,
        suffix="Service",
        below=("repositories", "schemas"),
    ),
    Layer(name="routes", template=_ROUTE, suffix="Page", below=("services", "schemas")),
)
_EVERY = 4  # which routes `shop.few` has
_FIXED = 4 + len(LAYERS)  # the package, its layers, the tables' base, and the entrypoints
MAIN, FEW = f"{PACKAGE}.main", f"{PACKAGE}.few"


def generate(folder: Path, *, size: int, seed: int = 0) -> tuple[str, ...]:
    """Write a service of `size` modules, packages included, below the empty `folder`.

    Returns:
        The dotted names of all its modules, sorted.
    """
    chance = random.Random(seed)
    written = {PACKAGE: '"""A generated service."""\n', f"{PACKAGE}.models.base": _BASE}
    packages = [PACKAGE]
    nouns: dict[str, list[str]] = {}
    for number, layer in enumerate(LAYERS):
        packages.append(f"{PACKAGE}.{layer.name}")
        written[packages[-1]] = f'"""The {layer.name} of the service."""\n'
        nouns[layer.name] = []
        for index in range((size - _FIXED + number) // len(LAYERS)):
            noun = _noun(index)
            text = _module(layer, noun, nouns, chance)
            written[f"{PACKAGE}.{layer.name}.{noun}"] = text
            nouns[layer.name].append(noun)
    routes = nouns["routes"]
    written[MAIN] = _entrypoint(routes)
    written[FEW] = _entrypoint(routes[::_EVERY])
    for name, text in written.items():
        path = folder.joinpath(*name.split("."))
        path = path / "__init__.py" if name in packages else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tuple(sorted(written))


def leaf(size: int) -> str:
    """A module of a tree of that size that `shop.main` imports and no other does."""
    index = (size - _FIXED + len(LAYERS) - 1) // len(LAYERS) - 1
    index -= index % _EVERY == 0
    return f"{PACKAGE}.{LAYERS[-1].name}.{_noun(index)}"


def _noun(index: int) -> str:
    return f"{_NOUNS[index % len(_NOUNS)]}_{index // len(_NOUNS):02}"


def _entrypoint(routes: list[str]) -> str:
    """The text of a module that starts with these routes."""
    imports = "".join(
        f"from {PACKAGE}.routes.{noun} import router as {noun}\n" for noun in sorted(routes)
    )
    routers = "".join(f"{noun}, " for noun in sorted(routes)).rstrip(" ")
    return _MAIN.format(imports=imports, routers=routers)


def _module(layer: Layer, noun: str, nouns: dict[str, list[str]], chance: random.Random) -> str:
    """The text of a module that imports two to four others, as far as there are earlier ones."""
    wanted = chance.randint(2, 4)
    if layer.name == "models":
        wanted -= 1  # the base is one of them
    picked = [(below, chance.choice(nouns[below])) for below in layer.below]
    source = layer.below[0] if layer.below else layer.name
    others = [(source, other) for other in nouns[source] if (source, other) not in picked]
    picked += chance.sample(others, min(wanted - len(picked), len(others)))
    uses = [(below, other, _class_name(below, other)) for below, other in sorted(picked)]
    return layer.template.format(
        package=PACKAGE,
        table=noun,
        cls=_camel(noun),
        width=chance.randint(40, 400),
        columns="ForeignKey, Integer, String" if uses else "Integer, String",
        imports="".join(
            f"from {PACKAGE}.{below}.{other} import {used}\n" for below, other, used in uses
        ),
        fields="".join(_field(layer.name, other, used) for _, other, used in uses),
        related=", ".join(used for _, _, used in uses),
        first=uses[0][2] if uses else "",
    )


def _field(layer: str, noun: str, used: str) -> str:
    if layer == "models":
        return f"    {noun}_id: Mapped[int] = mapped_column(ForeignKey({used}.id))\n"
    return f"    {noun}: {used} | None = None\n"


def _camel(noun: str) -> str:
    return "".join(part.capitalize() for part in noun.split("_"))


def _class_name(layer: str, noun: str) -> str:
    return _camel(noun) + next(one.suffix for one in LAYERS if one.name == layer)
