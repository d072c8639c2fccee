"""Follows the events of a run and hands its figures on to trackers, in an environment of their own."""
