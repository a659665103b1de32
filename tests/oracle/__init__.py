"""The test suite's oracle: real Keras 3 and real tf_keras, asked whether two programs build the same models.

from oracle import prove

verdicts = prove(before, after)
assert verdicts["keras3"].outcome in ("identical", "now builds")
"""

from .compare import Outcome, Verdict, compare
from .session import KERAS, Keras, endings, prove, records

__all__ = ["KERAS", "Keras", "Outcome", "Verdict", "compare", "endings", "prove", "records"]
