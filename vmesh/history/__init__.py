"""A worker's statistics through all its lives, in one small SQLite file beside its checkpoints: worker-0.history.sqlite.

schema.py     the tables, and what a row holds        thinning.py   old rows become fewer
recorder.py   writes a row now and then               reader.py     reads files of any worker, damaged ones too
chain.py      the files of one worker, in turn        leavings.py   those of workers that have left, to be sent away
"""
