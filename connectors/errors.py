"""What can go wrong at the edge, named by what the operator does next.

::

    ConnectorError
    ├── SourceUnavailable    wait: the other side is down, slow or throttling; the transport has already retried
    ├── SourceRefused        call the agency: credentials, subscription, or a request it will never take
    │   ├── SessionExpired   the token or session ran out; renewed once, without anybody noticing
    │   └── RequestRefused   look at the record: we are let in, but this request will not be taken
    └── BadAnswer            compare with the contract: the answer is not what the specification says
"""


class ConnectorError(Exception):
    """Something went wrong between the hub and a system. Messages carry no personal data."""


class SourceUnavailable(ConnectorError):
    """The system cannot answer now. ``retry_after`` is in seconds when the system named a time."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceRefused(ConnectorError):
    """The system answered, and will answer the same until a person changes something."""


class SessionExpired(SourceRefused):
    """The token or session is no longer valid."""


class RequestRefused(SourceRefused):
    """What was sent is at fault, not who sent it: a batch may be cut into halves to find the record."""


class BadAnswer(ConnectorError):
    """The answer breaks the contract: wrong form, truncated, too large, or from the wrong place."""


class TooLarge(BadAnswer):
    """The answer is larger than is read; the rest of it was left where it was."""
