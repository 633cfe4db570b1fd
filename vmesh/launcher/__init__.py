"""The launcher: starts the workers of a machine, looks after them, ends them, keeps the best that they found.

launcher.py        the main flow of `vmesh up`               request.py          what is asked for
plan.py            what is started: ports (ports.py), shares of memory (vmesh/memory.py), command lines
run.py             from start to stop                        conclusion.py       saved and printed
supervisor.py      the loop: one slot for each worker
respawn.py         when one that ended is started again      worker_process.py   one process
stop_signals.py    Ctrl-C and its like                       relay.py            what workers print
observer.py        asks workers how they do, as an administrator does
best_front.py      the best front ever heard of              overview.py screen.py   what the user sees
status_file.py     the same for other programs            page_process.py   serves the web page

up (request) -> table, plan -> supervise -> stop -> front saved and printed -> exit status
"""
