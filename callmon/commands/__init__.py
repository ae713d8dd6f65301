"""One module per command of `callmon`: each has `run(arguments) -> exit code`."""
