"""What can go wrong, and whether trying again can help.

    CallmonError
    ├── Permanent          this input can never work as it is
    │   ├── BadRecording   the sound cannot be analysed
    │   │   └── TooLarge   it is larger than is taken
    │   ├── BadTranscript  the transcript cannot be read, or does not fit the sound
    │   ├── BadSettings    a setting or the rubric has an unsafe or wrong value
    │   ├── NotFound       there is no such recording, finding, ...
    │   ├── OnHold         the recording is under legal hold
    │   ├── BadBackup      a backup cannot be written there, or not be restored
    │   └── StoreOutdated  the database is of another version of callmon
    └── Transient          the same input may work later
        ├── MissingModel   model weights are not here and could not be fetched
        └── StoreUnavailable  the database or the media store does not answer

Every message is one or two plain sentences: what was seen, with the value, and what
would work. It is shown to users as it is.
"""

from __future__ import annotations


class CallmonError(Exception):
    """Base of all errors that callmon raises on purpose."""


class Permanent(CallmonError):
    """Trying again with the same input fails in the same way."""


class Transient(CallmonError):
    """Trying again later, or after an installation step, may work."""


class BadRecording(Permanent):
    """The recording cannot be analysed; the message says what was seen."""


class TooLarge(BadRecording):
    """The recording is larger than is taken; the message says both sizes."""


class BadTranscript(Permanent):
    """The transcript cannot be read; the message says where."""


class BadSettings(Permanent):
    """A setting or a rubric value cannot be used; the message says which would."""


class NotFound(Permanent):
    """What was named does not exist; the message says what was looked for."""


class OnHold(Permanent):
    """What is under legal hold is not deleted; the message says what would be needed."""


class BadBackup(Permanent):
    """A backup cannot be written there, or not be restored; the message says why."""


class StoreOutdated(Permanent):
    """The database is older or newer than this callmon; the message says what to do."""


class MissingModel(Transient):
    """Weights are missing; the message says which, and the ways to get them."""


class StoreUnavailable(Transient):
    """The database or the media store does not answer, is full, or refuses."""
