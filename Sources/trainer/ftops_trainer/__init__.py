"""The trainer of ftops: fine-tuning of a language model, exact and resumable.

README.md beside this package has the contract with the process that starts it.
"""

# Raised only when equal inputs are meant to give other weights.
TRAINER = 1
