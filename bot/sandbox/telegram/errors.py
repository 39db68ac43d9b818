"""Refusals of the Bot API, worded as Telegram words them."""

from typing import Any


class ApiError(Exception):
    """A refused call: `code` is also the HTTP status; `parameters` is Telegram's ResponseParameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> dict[str, Any]:  # Any: a JSON object of mixed values.
        """The JSON body that carries this refusal."""
        body: dict[str, Any] = {  # Any: a JSON object of mixed values.
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(why: str, **parameters: int) -> ApiError:
    return ApiError(400, f"Bad Request: {why}", **parameters)


def forbidden(why: str) -> ApiError:
    return ApiError(403, f"Forbidden: {why}")


def conflict(why: str) -> ApiError:
    return ApiError(409, f"Conflict: {why}")


def too_many_requests(retry_after: int) -> ApiError:
    """`retry_after` in whole seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def server_error(code: int) -> ApiError:
    """What a failing Telegram answers: 500 or 502."""
    return ApiError(code, {502: "Bad Gateway"}.get(code, "Internal Server Error"))


NOT_FOUND = ApiError(404, "Not Found")
UNAUTHORIZED = ApiError(401, "Unauthorized")
TOO_LARGE = ApiError(413, "Request Entity Too Large")
