"""The ledger of every count of people that a report shows."""

from learning_with_others.exhibits.ledger.columns import CountColumn, ShareColumn, Shown
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.ledger.steps import bearable

__all__ = ["CountColumn", "Ledger", "Policy", "ShareColumn", "Shown", "bearable"]
