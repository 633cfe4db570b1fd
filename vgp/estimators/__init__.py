"""scikit-learn's way to formulas: `fit`, `predict`, pipelines, grids.

    from vgp import SymbolicRegressor
    regressor = SymbolicRegressor(random_state=0).fit(X, y)
    regressor.equations_          # the best formula of each size
    regressor.predict(X)          # of the recommended one

base.py       what both have: parameters, fit, formulas      regressor.py   numbers, one target or several
plan.py       parameters checked and understood               classifier.py  classes, two or many
rows.py       a table whose order and copies do not matter    fitting.py     MAIN FLOW: one target, from table to model
stopping.py   when enough is enough                           equations.py   the front as a DataFrame
predicting.py where a formula has no value
"""

from vgp.errors import MissingLibrary

try:
    import pandas  # noqa: F401
    import sklearn  # noqa: F401
except ImportError as error:
    raise MissingLibrary(f"the estimators need {error.name}: pip install 'vcloud[sklearn]'") from None

from vgp.estimators.classifier import SymbolicClassifier
from vgp.estimators.regressor import SymbolicRegressor

__all__ = ["SymbolicClassifier", "SymbolicRegressor"]
