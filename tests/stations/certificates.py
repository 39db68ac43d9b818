"""Certificates made by the `openssl` command, as an operator would make them."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """Paths of a certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority in a folder; everything in it is good for `days`."""

    def __init__(self, folder: Path, name: str = "Station CA") -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.root = self._pair("root")
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", self.root.key, "-out", self.root.certificate, "-days", "30", "-subj", f"/CN={name}"),
        )

    def issue(self, subject: str, *extensions: str, name: str = "", days: int = 30) -> Pair:
        """A certificate of a subject such as `/O=Operator/CN=S1`, with lines of extensions."""
        pair = self._pair(name or "leaf")
        request, lines = self._folder / "request.pem", self._folder / "extensions"
        lines.write_text("\n".join(extensions))
        _openssl(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-multivalue-rdn", "-utf8", "-keyout", pair.key, "-out", request, "-subj", subject),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-CA", self.root.certificate, "-CAkey", self.root.key),
            *("-CAcreateserial", "-out", pair.certificate, "-days", str(days), "-extfile", lines),
        )
        return pair

    def server(self, *, days: int = 30) -> Pair:
        """The certificate of a central system at 127.0.0.1."""
        return self.issue(
            "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1", name="server", days=days
        )

    def _pair(self, name: str) -> Pair:
        count = len(list(self._folder.glob("*.pem")))
        return Pair(self._folder / f"{name}-{count}.pem", self._folder / f"{name}-{count}.key")


def lock(key: Path, locked: Path) -> None:
    """Writes the key anew, behind a passphrase."""
    _openssl("pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
