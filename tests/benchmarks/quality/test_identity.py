"""The judge passes the law however it is written, and nothing else however close it comes."""

import numpy as np
import pytest

from vgp.benchmarks.quality.expression import parse
from vgp.benchmarks.quality.identity import verdict
from vgp.benchmarks.quality.judging import judge
from vgp.benchmarks.quality.problems import all_problems
from vgp.benchmarks.quality.sampling import rows_of

PROBLEMS = all_problems()

LAWS = [
    ("feynman_I_34_27", "0.159155*h*omega"),
    ("feynman_I_34_27", "0.9999998*(h/(2*pi)*omega)+1e-9"),
    ("feynman_I_34_27", "0.1702*h*omega"),  # the ratio is a constant
    ("feynman_I_34_27", "h*omega/6.2831855+0.25"),  # the difference is
    ("strogatz_lv1", "(-6.478215617278238e-07)-(1.0000000635726596*(x*((y+(y+x))-3.000000551184399)))"),
    ("feynman_I_8_14", "sqrt((x1-x2)*(x1-x2)*1.0000001+0.9999999*((y1-y2)**2))+2e-8"),
    ("feynman_I_6_2a", "0.3989422/sqrt(exp(1.000001*theta*theta)+0.0000001)"),
    ("feynman_I_6_2a", "1/(2.5066*exp(theta*(theta/2.0001)))"),
    ("feynman_I_34_14", "omega_0*sqrt((c+v*1.0000002)/(c-v))"),
    ("feynman_III_4_32", "1/(exp(0.15915*h*omega/(kb*T))-1.00003)"),
    ("feynman_II_35_21", "n_rho*mom*(1-2/(exp(2.00001*mom*B/(kb*T))+0.99999))"),
    ("vladislavleva_1", "0.8333333*exp(-(x1-1.00001)**2)/(1+0.833333*(x2-2.5)**2)"),
    ("pagie_1", "2-1/(1.00001+(x**2)**2)-1/(1+(y**2)**2)"),
    ("korns_12", "2-1.05*(sin(9.8*x+1.3*w)-sin(9.80001*x-1.3*w))"),
    ("feynman_I_12_11", "q*(Ef+B*v*sin(theta+0.00001)*1.0002)"),
    ("feynman_I_12_11", "2.0*q*(0.5*Ef+0.7*B*v*cos(theta-1.5708)*0.714286)"),
    ("feynman_II_27_18", "epsilon*exp(2*log(Ef))"),
    ("feynman_I_18_12", "abs(r)*F*sin(theta)"),
    ("nguyen_7", "log((x+1)*(x**2+1))"),
]

NEAR_MISSES = [
    # Taylor's: R2 > 0.999999 in range
    ("nguyen_5", "(x**2-x**6/6+x**10/120)*(1-x**2/2+x**4/24-x**6/720)-1"),
    ("nguyen_9", "x-x**3/6+x**5/120-x**7/5040+x**9/362880-x**11/39916800+sin(y**2)"),
    ("nguyen_9", "x-0.1666*x**3+0.00828*x**5-0.000184*x**7+sin(y**2)"),
    # a law of another kind, or with wrong constants
    ("feynman_I_6_2a", "0.3989422*exp(-0.502*theta*theta)"),
    ("feynman_I_12_11", "q*(Ef+B*v*sin(theta+0.01))"),
    ("feynman_I_12_11", "q*(Ef+B*v*sin(theta))+0.02*theta"),
    ("feynman_I_34_27", "0.1702*h*omega+0.01"),  # neither difference nor ratio
    ("feynman_I_48_2", "m*c**2*(1+0.5*(v/c)**2+0.375*(v/c)**4+0.3125*(v/c)**6)"),
    ("feynman_I_16_6", "(u+v)/(1+u*v/(c**2+0.05))"),
    ("feynman_II_35_21", "n_rho*mom*tanh(mom*B/(kb*T))**1.005"),
    ("feynman_I_12_1", "mu*Nn+0.004*sin(mu)*Nn"),
    ("feynman_I_12_1", "mu*Nn+1e-3*mu*Nn**2"),
    ("strogatz_vdp2", "-sin(0.1*x)*1.0001"),
    ("strogatz_vdp2", "-0.05*x-0.05*sin(x)"),
    ("korns_12", "2-2.1*cos(9.8*x)*sin(1.31*w)"),
    ("feynman_I_12_1", "5.5"),
]


def judged(name, text):
    problem = PROBLEMS[name]
    return verdict(parse(text, problem.variables), problem.law, problem.lows, problem.highs)


@pytest.mark.parametrize(("name", "text"), LAWS)
def test_the_law_is_recognised(name, text):
    found = judged(name, text)
    assert found.exact and found.form


@pytest.mark.parametrize(("name", "text"), NEAR_MISSES)
def test_what_comes_near_is_not_the_law(name, text):
    assert not judged(name, text).exact


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_law_is_itself(name):
    problem = PROBLEMS[name]
    assert verdict(problem.law, problem.law, problem.lows, problem.highs).exact


def test_the_near_misses_are_near():
    """Some of them are so near that the usual test takes them for solutions."""
    taken = 0
    for name, text in NEAR_MISSES:
        problem = PROBLEMS[name]
        rows = rows_of(problem, 0)
        error = parse(text, problem.variables).on(rows.X_test) - rows.y_test
        taken += 1 - np.var(error) / np.var(rows.y_test) > 0.999999
    assert taken >= 5


def test_the_right_form_with_wrong_constants_is_told_from_the_wrong_form():
    """What noise does to constants."""
    found = judged("feynman_I_12_11", "1.004*q*(1.01*Ef+B*v*sin(theta*0.998))+0.05")
    assert found.form and not found.exact
    weights = "0.0248+0.99972*(((sin(-1.00162*theta)*(-1.03858*B))*(1.75497*v)-(-1.80659*Ef))*(0.55319*q))"
    assert judged("feynman_I_12_11", weights).form, "many constants, of which few matter"
    assert not judged("feynman_I_48_2", "m*c**2*(1+0.5*(v/c)**2+0.375*(v/c)**4)").form
    assert not judged("nguyen_5", "0.999*x**2-0.5*x**4-1").form


def test_what_has_no_value_in_range_is_not_the_law():
    assert not judged("nguyen_9", "sin(x)+sin(y**2)+0*log(x-0.5)").exact
    assert not judged("feynman_I_12_1", "mu*Nn*(1/(0*mu))").exact


def test_the_whole_verdict():
    problem = PROBLEMS["feynman_I_34_27"]
    names = {name: f"x{k}" for k, name in enumerate(problem.variables)}
    good, bad = f"0.159155*{names['h']}*{names['omega']}", f"0.16*{names['h']}*{names['omega']}+0.2*{names['h']}"
    found = judge(problem, 0, good, [(0.5, bad), (1.5, good), (2.5, good)])
    assert found["exact"] and found["srbench"] and found["wide"] and found["soon"] == 1.5
    assert found["size"] == 4 and found["r2"] > 1 - 1e-9
    missed = judge(problem, 0, bad)
    assert not missed["exact"] and not missed["wide"] and missed["soon"] is None
    assert judge(problem, 0, "foo(x0)")["exact"] is False


def test_a_constant_that_changes_nothing_has_no_size():
    problem = PROBLEMS["feynman_I_12_1"]
    assert judge(problem, 0, "x0*x1 - 3.2e-9")["size"] == 3
    assert judge(problem, 0, "1e-5*(100000.0*x0)*x1")["size"] == 3, "small numbers may matter"


def test_what_is_undefined_beyond_the_range_is_not_wide():
    problem = PROBLEMS["nguyen_9"]  # both from 0 to 1
    assert judge(problem, 0, "sin(x0)+sin(x1**2)")["wide"]
    beyond = judge(problem, 0, "sin(sqrt(x0)**2)+sin(x1**2)")
    assert beyond["r2"] > 0.999999 and not beyond["wide"]
