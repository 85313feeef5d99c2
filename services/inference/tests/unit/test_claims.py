import pytest

from babbitt.chassis.errors import Malformed
from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.waveform import Claim, encode_samples
from babbitt.inference.adapters.claims import Claims


@pytest.fixture
def gateway(tmp_path):
    return ObjectStore(tmp_path.as_uri(), "gateway")


@pytest.fixture
def claims(tmp_path):
    return Claims(ObjectStore(tmp_path.as_uri(), "inference"), limit_bytes=1_000)


@pytest.fixture
async def claimed(gateway, waveform):
    raw, encoding = encode_samples(waveform())
    reference = await gateway.put("gateway/claims/1", raw)
    return raw, encoding, Claim(reference.key, reference.sha256)


async def test_claimed_samples_are_fetched_and_verified(claims, claimed):
    raw, encoding, claim = claimed
    assert await claims.fetch(claim, encoding) == raw


async def test_a_claim_whose_object_is_gone_is_malformed(claims, claimed, gateway):
    _, encoding, claim = claimed
    await gateway.delete(claim.key)
    with pytest.raises(Malformed, match="is gone"):
        await claims.fetch(claim, encoding)


async def test_a_claim_whose_object_is_another_is_malformed(claims, claimed, gateway):
    raw, encoding, claim = claimed
    await gateway.put(claim.key, bytes(len(raw)))
    with pytest.raises(Malformed, match="digest"):
        await claims.fetch(claim, encoding)


async def test_a_claim_whose_object_has_another_size_is_malformed_before_it_is_read(claims, claimed, gateway):
    _, encoding, claim = claimed
    await gateway.put(claim.key, bytes(10))
    with pytest.raises(Malformed, match="of 10 bytes: 256 bytes are needed"):
        await claims.fetch(claim, encoding)


async def test_a_claim_over_the_limit_is_malformed(claims, claimed, waveform):
    _, encoding = encode_samples(waveform(samples=251))
    with pytest.raises(Malformed, match="1000 are read at most"):
        await claims.fetch(claimed[2], encoding)


@pytest.mark.parametrize("key", ["registry/artifacts/1", "gateway/uploads/1", "gateway/claims/../uploads/1"])
async def test_a_claim_names_a_claim_and_nothing_else(claims, claimed, tmp_path, key):
    raw, encoding, claim = claimed
    for owner, there in (("registry", "registry/artifacts/1"), ("gateway", "gateway/uploads/1")):
        await ObjectStore(tmp_path.as_uri(), owner).put(there, raw)
    with pytest.raises(Malformed):
        await claims.fetch(Claim(key, claim.sha256), encoding)
