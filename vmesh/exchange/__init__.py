"""Exchange of organisms between workers: three policies, flow control, references, copies.

    exchange.py      Exchange: the state machine that a worker runs
    emigration.py    sends: topology.py (where to), selection.py (who)
    immigration.py   receives: checks, waiting.py (while callees are asked for), then the population's inbox
    answers.py       supplies what peers ask for, within allowance.py
    links.py         what is remembered of each peer: credit.py (flow control), seen.py (copies)
    records.py       portable records taken apart and put together

The third policy, replacement, is the population's: `vgp.Island.import_`. Names: ENVELOPE, Exchange, Peers, parse_edges.
"""

from vmesh.exchange.exchange import ENVELOPE, Exchange
from vmesh.exchange.topology import Peers, parse_edges

__all__ = ["ENVELOPE", "Exchange", "Peers", "parse_edges"]
