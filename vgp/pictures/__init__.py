"""Pictures of a run and of what it found, drawn by matplotlib (the extra `report`).

    front         loss against size                      accuracy.py       canvas.py        figures, colours, texts that fit
    predictions   predicted against actual               predicted.py      svg.py           a figure as a part of a page
    residuals     what is left                           remainders.py     tidy_layout.py   where the nodes of a tree stand
    convergence   loss against evaluations               progress.py       generations.py   where ancestors stand
    tree          a formula as a tree                    formula_tree.py   compared.py      predicted and actual values
    family        where the best organism came from      ancestry.py
    life          diversity and deaths                   livelihood.py     picture.py       figures that notebooks show

Each takes a Model and returns a matplotlib Figure, which is nobody's but the caller's: pyplot is not used. Notebooks show it,
`figure.savefig("front.png")` writes it. Each raises InputError, in one line, where the model lacks what it needs. To put a picture
into a figure of your own, call `draw` of its module with your axes.
"""

from vgp.pictures.accuracy import front
from vgp.pictures.ancestry import family
from vgp.pictures.formula_tree import tree
from vgp.pictures.livelihood import life
from vgp.pictures.predicted import predictions
from vgp.pictures.progress import convergence
from vgp.pictures.remainders import residuals

__all__ = ["convergence", "family", "front", "life", "predictions", "residuals", "tree"]
