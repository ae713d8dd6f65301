"""`python -m callmon` is the command line."""

import sys

from callmon.cli import main

sys.exit(main())
