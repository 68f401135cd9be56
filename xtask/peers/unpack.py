"""unpack.py ENCODING: unpacks its input."""

import sys
import zlib

import brotlicffi

UNPACK = {
    "br": brotlicffi.decompress,
    "deflate": zlib.decompress,
    "gzip": lambda body: zlib.decompress(body, 16 + zlib.MAX_WBITS),
}
sys.stdout.buffer.write(UNPACK[sys.argv[1]](sys.stdin.buffer.read()))
