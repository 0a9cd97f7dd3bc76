"""The browser's HPKE against RFC 9180, appendix A.3.1, and against the library that opens what it seals."""

import pytest

from shared import sealing

pytestmark = pytest.mark.browser

VECTOR = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "public": "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900"
    "be863c403ce65c9bfcb9382657222d18c4",
    "private": "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
    "recipient": "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d3"
    "0ad6aa8f80e30f1d128aafd68a2ce72ea0",
    "shared_secret": "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
    "context": "00b88d4e6d91759e65e87c470e8b9141113e9ad5f0c8ceefc1e088c82e6980500798e486f9c9c09c9b5c753ac72d6005"
    "de254c607d1b534ed11d493ae1c1d9ac85",
    "key": "868c066ef58aae6dc589b6cfdd18f97e",
    "nonce": "4e0bc5018beba4bf004cca59",
    "plain": "4265617574792069732074727574682c20747275746820626561757479",
    "associated": "436f756e742d30",
    "cipher": "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
}

SCRIPT = """async ([module, vector]) => {
  const hpke = await import(module);
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const hex = (found) => [...found].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const plus = { "+": "-", "/": "_", "=": "" };
  const b64 = (found) => btoa(String.fromCharCode(...found)).replace(/[+/=]/g, (sign) => plus[sign]);
  const point = bytes(vector.public);
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const place = { x: b64(point.slice(1, 33)), y: b64(point.slice(33)) };
  const jwk = { kty: "EC", crv: "P-256", ...place, d: b64(bytes(vector.private)) };
  const ours = {
    privateKey: await crypto.subtle.importKey("jwk", jwk, curve, false, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("raw", point, curve, true, []),
  };
  const boundTo = await hpke.infoHash(bytes(vector.info));
  const { enc, secret } = await hpke.encapsulate(bytes(vector.recipient), ours);
  const { key, nonce } = await hpke.schedule(secret, boundTo);
  const [to, plain, associated] = [vector.recipient, vector.plain, vector.associated].map(bytes);
  const whole = await hpke.seal(to, boundTo, plain, associated, ours);
  const found = { enc, secret, boundTo, key, nonce, whole };
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, hex(value)]));
}"""

SEAL = """async ([module, publicKey, boundTo, plain]) => {
  const { seal } = await import(module);
  return [...(await seal(new Uint8Array(publicKey), new Uint8Array(boundTo), new Uint8Array(plain)))];
}"""

MODULE = "/static/survey/respond/hpke.js"


@pytest.fixture
def page(browser, base):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base}/s")
    yield page
    context.close()


def test_every_step_gives_what_the_rfc_says(page):
    found = page.evaluate(SCRIPT, [MODULE, VECTOR])
    assert found == {
        "enc": VECTOR["public"],
        "secret": VECTOR["shared_secret"],
        "boundTo": VECTOR["context"][-64:],
        "key": VECTOR["key"],
        "nonce": VECTOR["nonce"],
        "whole": VECTOR["public"] + VECTOR["cipher"],
    }


def test_the_server_computes_the_same_info_hash():
    assert sealing.info_hash(bytes.fromhex(VECTOR["info"])).hex() == VECTOR["context"][-64:]


@pytest.mark.parametrize("length", [0, 1, 32, 96, 4096])
def test_what_the_browser_seals_the_library_opens(page, length):
    private, info = sealing.make_key(), sealing.ballot_info("r", "n", "peer")
    plain = bytes(at % 256 for at in range(length))
    values = [MODULE, *(list(part) for part in (sealing.public_part(private), sealing.info_hash(info), plain))]
    sealed = bytes(page.evaluate(SEAL, values))
    assert len(sealed) == sealing.sealed_length(length)
    assert sealing.Opener(private).open(sealed, info) == plain
    for other in (sealing.ballot_info("r", "n", "self"), b""):
        with pytest.raises(sealing.CannotOpen):
            sealing.Opener(private).open(sealed, other)
    with pytest.raises(sealing.CannotOpen):
        sealing.Opener(sealing.make_key()).open(sealed, info)


def test_a_key_that_is_no_point_is_refused(page):
    values = [MODULE, [4] * 65, [0] * 32, [1]]
    with pytest.raises(Exception, match="DataError"):
        page.evaluate(SEAL, values)
