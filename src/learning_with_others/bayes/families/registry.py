"""The families of outcomes by their names; a family more is its file and its line here."""

from learning_with_others.bayes.families.bernoulli import Bernoulli
from learning_with_others.bayes.families.family import Family
from learning_with_others.bayes.families.gaussian import Gaussian
from learning_with_others.bayes.families.ordered_logistic import OrderedLogistic
from learning_with_others.bayes.families.student_t import StudentT

FAMILIES: dict[str, Family] = {
    "gaussian": Gaussian(),
    "student_t": StudentT(),
    "ordered_logistic": OrderedLogistic(),
    "bernoulli": Bernoulli(),
}
