"""What is summed up: agents, teams, queues, kinds, fairness, promises."""
