"""What a user with a table meets: frames, names, weights, budgets, losses, and one-line errors."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError

from vgp import Model, SymbolicRegressor
from vgp.errors import InputError, VgpError

A_TICK = 2_000  # evaluations: newborns and the tuning of their constants; a run ends with a whole one
QUICK = {"evaluations": 20_000, "random_state": 0}


def law(rows=100, seed=0):
    """A frame and y = 3 m / r^2 + 1."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"m": rng.uniform(1, 5, rows), "r": rng.uniform(1, 2, rows), "idle": rng.normal(size=rows)})
    return frame, pd.Series(3 * frame.m / frame.r**2 + 1, name="force")


@pytest.fixture(scope="module")
def fitted():
    return SymbolicRegressor(**QUICK).fit(*law())


def test_it_finds_the_law_and_says_it_in_the_tables_words(fitted):
    assert fitted.formula().replace(" ", "") in ("3*m/r^2+1", "3*(m/r^2)+1", "1+3*m/r^2")
    assert r"\frac" in fitted.latex()
    assert fitted.score(*law(seed=1)) == pytest.approx(1)
    assert fitted.model_.target == "force"
    assert list(fitted.feature_names_in_) == ["m", "r", "idle"]


def test_the_front_is_a_table(fitted):
    table = fitted.equations_
    assert list(table.columns) == ["size", "loss", "r2", "score", "formula", "chosen"]
    assert table["size"].is_monotonic_increasing
    assert table["loss"].is_monotonic_decreasing
    assert table["chosen"].sum() == 1
    assert table["formula"][table["chosen"]].item() == fitted.formula()
    before, after = table.iloc[0], table.iloc[1]
    assert after["score"] == pytest.approx(np.log(before["loss"] / after["loss"]) / (after["size"] - before["size"]))


def test_any_formula_of_the_front_predicts(fitted):
    X, _y = law(seed=2)
    for row, equation in fitted.equations_.iterrows():
        predicted = fitted.predict(X, index=row)
        assert fitted.formula(index=row) == equation["formula"]
        scope = {"m": X.m.to_numpy(), "r": X.r.to_numpy(), "idle": X.idle.to_numpy()}
        source = fitted.export("python", index=row)
        exec(source, space := {})
        names = space["predict"].__code__.co_varnames[: space["predict"].__code__.co_argcount]
        assert np.allclose(predicted, space["predict"](*(scope[name] for name in names)))
    with pytest.raises(InputError, match=f"no row {len(fitted.equations_)}; it has rows 0 to {len(fitted.equations_) - 1}"):
        fitted.predict(X, index=len(fitted.equations_))


def test_frames_of_polars_are_as_good_as_those_of_pandas(fitted):
    X, y = law()
    other = SymbolicRegressor(**QUICK).fit(pl.from_pandas(X), pl.Series("force", y.to_numpy()))
    assert other.formula(digits=None) == fitted.formula(digits=None)
    assert other.model_.target == "force"
    assert np.array_equal(other.predict(pl.from_pandas(X)), fitted.predict(X))


def test_rows_in_another_order_give_the_same_formulas(fitted):
    X, y = law()
    order = np.random.default_rng(9).permutation(len(X))
    assert SymbolicRegressor(**QUICK).fit(X.iloc[order], y.iloc[order]).equations_.equals(fitted.equations_)


def test_weights_decide_which_rows_count():
    X, y = law()
    wrong = y.where(np.arange(len(y)) % 2 == 0, 100 * X["idle"])
    weighed = SymbolicRegressor(**QUICK).fit(X, wrong, sample_weight=(np.arange(len(y)) % 2 == 0).astype(float))
    assert weighed.score(X, y) == pytest.approx(1)
    with pytest.raises(ValueError, match="(every sample_weight is 0|at least one non-zero)"):
        SymbolicRegressor(**QUICK).fit(X, y, sample_weight=np.zeros(len(y)))


def test_several_targets_share_a_budget_and_have_models_of_their_own(fitted):
    X, y = law()
    both = pd.DataFrame({"force": y, "double": 2 * X.m})
    several = SymbolicRegressor(evaluations=40_000, random_state=0).fit(X, both)
    assert several.evaluations_ <= 40_000 + 2 * A_TICK
    assert several.predict(X).shape == (len(X), 2)
    assert np.allclose(several.predict(X), both, rtol=1e-6)
    assert [model.target for model in several.models_] == ["force", "double"]
    assert several.formula()[1] == "2*m"
    assert set(several.equations_["target"]) == {"force", "double"}
    simplest, first = several.predict(X, index=[0, 0]), several.models_[0].entries[0]
    (column,) = first.nodes["payload"]
    assert np.allclose(simplest[:, 0], first.slope * X.iloc[:, int(column)] + first.intercept)
    with pytest.raises(InputError, match="give 2 rows"):
        several.predict(X, index=[0])
    with pytest.raises(InputError, match="save them one by one"):
        several.save("anywhere.json")


def test_a_budget_of_evaluations_is_kept_and_one_of_seconds_ends():
    X, y = law()
    noisy = y + np.random.default_rng(1).normal(size=len(y))
    assert 5_000 < SymbolicRegressor(evaluations=10_000, random_state=0).fit(X, noisy).evaluations_ <= 10_000 + A_TICK
    assert SymbolicRegressor(seconds=0.2, random_state=0).fit(X, noisy).evaluations_ > 0


def test_a_law_that_is_found_ends_the_fit():
    assert SymbolicRegressor(evaluations=100_000_000, random_state=0).fit(*law()).evaluations_ < 3_000_000


def test_islands_side_by_side_are_as_reproducible():
    X, y = law()
    first, second = (SymbolicRegressor(evaluations=30_000, n_jobs=2, random_state=5).fit(X, y) for _ in range(2))
    assert first.formula(digits=None) == second.formula(digits=None)
    assert first.evaluations_ == second.evaluations_


def test_a_warm_start_goes_on_from_the_populations_and_on_another_table_from_the_formulas():
    X, y = law()
    noisy = y + np.random.default_rng(1).normal(size=len(y))
    warm = SymbolicRegressor(evaluations=10_000, random_state=0, warm_start=True).fit(X, noisy)
    ticks, loss = warm.history_["tick"][-1], warm.equations_["loss"].min()
    warm.fit(X, noisy)
    assert warm.history_["tick"][-1] > ticks
    assert warm.equations_["loss"].min() <= loss
    assert warm.evaluations_ > 10_000
    formulas = {entry.size for entry in warm.model_.entries}
    warm.set_params(evaluations=1).fit(X.iloc[:50], noisy.iloc[:50])
    assert warm.history_["tick"][-1] <= 1
    assert formulas & {entry.size for entry in warm.model_.entries}


def test_callbacks_see_the_run_and_may_end_it():
    X, y = law()
    noisy = y + np.random.default_rng(1).normal(size=len(y))
    seen = []

    def look(progress):
        seen.append((progress.evaluations, len(progress.front), progress.recommended.formula))
        return len(seen) == 3

    stopped = SymbolicRegressor(evaluations=10_000_000, random_state=0, callbacks=look).fit(X, noisy)
    assert len(seen) == 3
    assert stopped.evaluations_ == seen[-1][0]


def test_early_stopping_ends_when_rows_held_out_get_no_better():
    X, y = law(300)
    noisy = y + np.random.default_rng(1).normal(size=len(y))
    settings = {"evaluations": 50_000_000, "random_state": 0, "early_stopping": True, "n_iter_no_change": 30}
    stopped = SymbolicRegressor(**settings).fit(X, noisy)
    assert stopped.evaluations_ < 5_000_000
    assert SymbolicRegressor(**settings).fit(X, noisy).evaluations_ == stopped.evaluations_
    with pytest.raises(InputError, match="too few to hold"):
        SymbolicRegressor(early_stopping=True, random_state=0).fit(X.iloc[:2], y.iloc[:2])


def test_a_loss_may_be_written_in_python():
    X, y = law()

    def relative(outputs, target):
        return np.mean(np.abs(outputs / target - 1), axis=1)

    own = SymbolicRegressor(loss=relative, evaluations=50_000, random_state=0).fit(X, y)
    assert np.mean(np.abs(own.predict(X) / y - 1)) < 0.2
    table = own.equations_
    last = own.predict(X, index=len(table) - 1)
    assert table["loss"].iloc[-1] == pytest.approx(np.mean(np.abs(last / y - 1)), rel=1e-3)
    with pytest.raises(InputError, match="does not reach a loss written in Python"):
        own.fit(X, y, sample_weight=np.arange(len(y)) + 1.0)


@pytest.mark.parametrize("loss", ["absolute", "huber"])
def test_other_losses_bear_outliers(loss):
    X, y = law()
    spoilt = y.copy()
    spoilt.iloc[::10] += 10
    robust = SymbolicRegressor(loss=loss, selection="law", evaluations=100_000, random_state=0).fit(X, spoilt)
    assert np.median(np.abs(robust.predict(X) - y)) < 0.1


def test_units_hold_in_every_formula():
    X, y = law()
    held = SymbolicRegressor(units={"m": "kg", "r": "m", "idle": "s", "force": "kg/m^2"}, **QUICK).fit(X, y)
    assert held.model_.units is not None
    assert all("idle + r" not in formula for formula in held.equations_["formula"])
    with pytest.raises(InputError, match="mass"):
        SymbolicRegressor(units={"mass": "kg"}, **QUICK).fit(X, y)


def test_where_a_formula_has_no_value_a_smaller_one_speaks():
    x = np.linspace(0.5, 3, 60)[:, None]
    logarithm = SymbolicRegressor(functions=("log", "add"), max_size=2, **QUICK).fit(x, np.log(x[:, 0]))
    assert "log" in logarithm.formula()
    beyond = np.array([[1.0], [-1.0]])
    assert np.isfinite(logarithm.predict(beyond)).all()
    assert logarithm.predict(beyond)[0] == pytest.approx(0, abs=1e-6)
    assert np.isnan(logarithm.set_params(where_undefined="nan").predict(beyond)[1])
    with pytest.raises(InputError, match="where_undefined is 'zero'"):
        logarithm.set_params(where_undefined="zero").predict(beyond)


def test_numbers_beyond_float32_are_no_obstacle():
    x = np.linspace(1, 2, 50)[:, None] * 1e40
    huge = SymbolicRegressor(**QUICK).fit(x, 3 * x[:, 0])
    assert np.allclose(huge.predict(x), 3 * x[:, 0])


def test_a_target_that_does_not_vary_is_itself():
    X, _ = law()
    constant = SymbolicRegressor(**QUICK).fit(X, np.full(len(X), 4.5))
    assert (constant.predict(X) == 4.5).all()
    assert constant.formula() == "4.5"


def test_what_scikit_learn_users_know_is_said_as_there():
    X, y = law()
    with pytest.raises(ValueError, match="Input X contains NaN"):
        SymbolicRegressor(**QUICK).fit(X.mask(X > 4), y)
    with pytest.raises(ValueError, match="could not convert string to float: 'heavy'"):
        SymbolicRegressor(**QUICK).fit(X.assign(idle="heavy"), y)
    with pytest.raises(NotFittedError):
        SymbolicRegressor().predict(X)
    with pytest.raises(ValueError, match="feature names should match"):
        SymbolicRegressor(**QUICK).fit(X, y).predict(X.rename(columns={"m": "mass"}))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"seconds": 1, "evaluations": 10}, "seconds or evaluations, not both"),
        ({"seconds": 0}, "seconds is 0"),
        ({"loss": "logistic"}, "loss is 'logistic'; choose squared, absolute, huber"),
        ({"functions": ("add", "sine")}, "no function 'sine'"),
        ({"parameters": {"mutation": 1}}, "mutation"),
        ({"parameters": {"max_size": 3}}, "max_size is a parameter of the estimator itself"),
        ({"selection": "beauty"}, "selection is 'beauty'; choose one of law, accuracy"),
        ({"sandbox": "no"}, "sandbox is 'no'"),
        ({"backend": "nowhere"}, "nowhere"),
        ({"callbacks": [1]}, "callbacks: give functions"),
        ({"start": ("m +",)}, "m +"),
        ({"constraints": "never sin"}, "never sin"),
        ({"validation_fraction": 2.0}, "validation_fraction is 2.0"),
        ({"n_iter_no_change": 0}, "n_iter_no_change"),
        ({"population_size": 0}, "population_size"),
    ],
)
def test_wrong_parameters_are_one_line_that_names_them(wrong, said):
    with pytest.raises(VgpError) as error:
        SymbolicRegressor(**{"random_state": 0, **wrong}).fit(*law())
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_ctrl_c_keeps_what_was_found():
    def interrupt(progress):
        raise KeyboardInterrupt

    regressor = SymbolicRegressor(random_state=0, callbacks=interrupt)
    X, y = law()
    with pytest.raises(KeyboardInterrupt):
        regressor.fit(X, y)
    assert regressor.score(X, y) > 0.5
    two = SymbolicRegressor(random_state=0, callbacks=interrupt)
    with pytest.raises(KeyboardInterrupt):
        two.fit(X, np.column_stack([y, -y]))
    assert two.predict(X).shape == (len(X), 2)


def test_a_saved_model_is_one_for_the_command_line(fitted, tmp_path):
    fitted.save(tmp_path / "model.json")
    assert Model.load(tmp_path / "model.json").entries[fitted.model_.chosen].formula == fitted.formula()
    shown = subprocess.run(
        [sys.executable, "-m", "vgp", "show", tmp_path / "model.json"], capture_output=True, text=True, check=True
    )
    assert f"force = {fitted.formula()}" in shown.stdout


def test_progress_is_shown_only_when_asked_for(capfd, monkeypatch):
    X, y = law()
    noisy = y + np.random.default_rng(1).normal(size=len(y))
    monkeypatch.setattr("vgp.display.PlainDisplay.interval", 0.0)
    SymbolicRegressor(**QUICK).fit(X, noisy)
    assert capfd.readouterr().err == ""
    SymbolicRegressor(verbose=1, **QUICK).fit(X, noisy)
    assert "evaluations" in capfd.readouterr().err
