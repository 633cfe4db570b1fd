"""The launcher's status as a file for whoever watches this machine: setting `launcher.status_file`, replaced whole each second.

    {"format": 1, "written": seconds since 1970, "state": "starting" | "evolving" | "stopping",
     "workers": wanted, "workers_evolving": that evolve now, "given_up": that are not started again,
     "elapsed": s, "evaluations": n, "evaluations_per_second": x, "best_loss": x | null, "r2": x | null, "formula": "",
     "mesh": ["host:port", ...], "admin": ["host:port", ...]}
"""
