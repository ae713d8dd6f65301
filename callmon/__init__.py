"""callmon: shows where empathy was called for in a service call and did not come."""

__version__ = "0.1.0"
