"""Certificates for servers on loopback, made by openssl when a test needs them."""

import ssl
import subprocess
from pathlib import Path

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def self_signed(folder: Path, name: str, host: str = "IP:127.0.0.1", days: int = 2) -> Path:
    """A file with a certificate and its key; negative days have passed already."""
    key, request, certificate = (folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
    extension = folder / f"{name}.ext"
    extension.write_text(f"subjectAltName={host}\nbasicConstraints=critical,CA:TRUE\n")
    _openssl("req", *KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
    _openssl(
        *("x509", "-req", "-in", request, "-signkey", key, "-out", certificate),
        *("-days", str(days), "-extfile", extension),
    )
    whole = folder / f"{name}.pem"
    whole.write_bytes(certificate.read_bytes() + key.read_bytes())
    return whole


def server_side(certificate: Path) -> ssl.SSLContext:
    """What a server speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
