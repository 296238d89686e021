"""The part of the report that is about interventions."""
