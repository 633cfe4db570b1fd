"""From a worker's options to a node that is ready to run: its parts, in the order in which they depend on each other.

The table and the island with its sandbox come first, the sockets after them: a process that holds sockets should not fork.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from vgp.errors import InputError
from vgp.island import Island
from vgp.parameters import Parameters
from vmesh import addresses, memory
from vmesh.admin.server import Server
from vmesh.checkpoints import Copier, Copies, Files, find, hold, next_incarnation
from vmesh.data import Announcements, Prepared, prefixes, prepare, recall
from vmesh.desk import Desk
from vmesh.evolution import Evolution
from vmesh.exchange import Exchange
from vmesh.keeping import Keeping
from vmesh.membership import Membership
from vmesh.messages import DataAnnouncement, Member
from vmesh.moving import Moving
from vmesh.node import Node
from vmesh.options import WorkerOptions
from vmesh.population import IslandPopulation
from vmesh.sockets import Sockets
from vmesh.zmq_transport import ZmqTransport

log = logging.getLogger(__name__)
