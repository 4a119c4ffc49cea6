"""The floor of reading a file: libyaml scans and parses it, and nobody looks at what it says."""

from __future__ import annotations

import collections
import sys
from pathlib import Path

import yaml

for path in sys.argv[1:]:
    collections.deque(yaml.parse(Path(path).read_bytes(), yaml.CSafeLoader), maxlen=0)
