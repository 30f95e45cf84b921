"""Key holders and the host: what they answer, what they refuse, what they keep, and over HTTP."""

from __future__ import annotations

import datetime as dt
import http.client
from pathlib import Path

import orjson
import pytest

from dideban.errors import InputError, SourceError
from dideban.federation import Host, HostClient, KeyHolderDesk, Service, holder_over
from dideban.federation.keeping import PhaseClock, read_record, record_bytes
from dideban.federation.keyholder import begin_epoch, end_epoch, key_path, read_counts
from dideban.joint.charter import Charter
from dideban.joint.names import account_input, blinded_names
from dideban.joint.oprf import GENERATOR, blind
from dideban.joint.record import EpochRecord, Phase
from dideban.joint.wire import MessageKind, public_of, signed
from joint_federation import HOST, KEYS, charter, finished, seed

DAY = dt.date(2026, 11, 2)


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    return [tmp_path / "one", tmp_path / "other"]


def make_charter(folders: list[Path], *, most_names: int = 1_000, epoch: str = "1") -> Charter:
    publics = [begin_epoch(folder, federation="test", epoch=epoch).hex() for folder in folders]
    rooms = {public_of(key): f"room {i}" for i, key in enumerate(KEYS)}
    return Charter(
        federation="test", epoch=epoch, rooms=rooms, host=public_of(HOST), holders=(publics[0], publics[1]),
        most_names=most_names,
    )  # fmt: skip


def ask(charter: Charter, *, n: int = 1, number: int = 1, key: bytes = KEYS[0], points: object = None) -> bytes:
    some = [blind(bytes([i % 250, i // 250]))[1].hex() for i in range(n)] if points is None else points
    return signed(charter, kind=MessageKind.ASK, about="", body={"points": some, "number": number}, key=key)


def refusal(desk: KeyHolderDesk, data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        desk.answer(data)
    return caught.value.message.code


def test_a_key_is_made_once_and_kept(folders: list[Path]) -> None:
    first = begin_epoch(folders[0], federation="test", epoch="1")
    assert begin_epoch(folders[0], federation="test", epoch="1") == first
    assert begin_epoch(folders[0], federation="test", epoch="2") != first
    assert begin_epoch(folders[0], federation="other", epoch="1") != first


def test_after_its_end_nobody_can_make_the_names_of_an_epoch(folders: list[Path]) -> None:
    charter = make_charter(folders)
    desk = KeyHolderDesk(charter, folders[0], today=lambda: DAY)
    desk.answer(ask(charter, n=3))
    assert end_epoch(folders[0], federation="test", epoch="1")
    assert not end_epoch(folders[0], federation="test", epoch="1")
    assert not key_path(folders[0], federation="test", epoch="1").exists()
    with pytest.raises(InputError) as caught:
        KeyHolderDesk(charter, folders[0])
    assert caught.value.message.code == "joint.no-key"
    assert read_counts(charter, folders[0])["room 0"] == {"2026-11-02": 3}
    begin_epoch(folders[0], federation="test", epoch="1")
    with pytest.raises(InputError):  # another key than that of the charter
        KeyHolderDesk(charter, folders[0])


def test_every_name_is_counted_and_the_limit_of_a_day_holds(folders: list[Path]) -> None:
    charter, day = make_charter(folders, most_names=10), [DAY]
    desk = KeyHolderDesk(charter, folders[0], today=lambda: day[0])
    desk.answer(ask(charter, n=7, number=1))
    assert refusal(desk, ask(charter, n=4, number=2)) == "joint.over-limit"
    desk.answer(ask(charter, n=3, number=2))
    desk.answer(ask(charter, n=10, number=1, key=KEYS[1]))
    assert desk.counts()["room 0"] == {"2026-11-02": 10}
    again = KeyHolderDesk(charter, folders[0], today=lambda: day[0])
    assert refusal(again, ask(charter, number=3)) == "joint.over-limit"
    day[0] += dt.timedelta(days=1)
    again.answer(ask(charter, number=3))
    assert again.counts()["room 0"] == {"2026-11-02": 10, "2026-11-03": 1}


def test_a_request_is_answered_once(folders: list[Path]) -> None:
    charter = make_charter(folders)
    desk = KeyHolderDesk(charter, folders[0])
    data = ask(charter, number=5)
    desk.answer(data)
    assert refusal(desk, data) == "joint.asked-already"
    assert refusal(KeyHolderDesk(charter, folders[0]), ask(charter, number=4)) == "joint.asked-already"


def test_strangers_other_epochs_and_what_is_no_point_are_refused(folders: list[Path]) -> None:
    charter = make_charter(folders)
    desk = KeyHolderDesk(charter, folders[0])
    assert refusal(desk, ask(charter, key=seed("stranger"))) == "joint.not-a-room"
    assert refusal(desk, ask(make_charter(folders, epoch="2"))) == "joint.other-epoch"
    for points in (["00" * 32], ["ff" * 32], ["zz" * 32], ["00"], [7]):
        assert refusal(desk, ask(charter, points=points)) == "joint.bad-point"
    for points in ([], "points", [GENERATOR.hex()] * 10_001):
        assert refusal(desk, ask(charter, points=points)) == "joint.bad-body"
    hold = signed(charter, kind=MessageKind.HOLDING, about="", body={"points": [], "number": 1}, key=KEYS[0])
    assert refusal(desk, hold) == "joint.bad-body"
    assert all(not days for days in desk.counts().values())


def test_the_host_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    record = finished().record
    host = Host(record.charter, tmp_path, key=HOST)
    for data in record.messages[:5]:
        host.post(data)
        host.post(data)
    assert Host(record.charter, tmp_path, key=HOST).record.digest == host.record.digest
    with host.path.open("ab") as file:
        file.write(b'{"half of a mess')
    again = Host(record.charter, tmp_path, key=HOST)
    assert again.record.digest == host.record.digest
    for data in record.messages[5:]:
        again.post(data)
    assert Host(record.charter, tmp_path, key=HOST).record.digest == record.digest


def test_the_host_shows_the_record_to_rooms_alone(tmp_path: Path) -> None:
    record = finished().record
    host = Host(record.charter, tmp_path, key=HOST)

    def read(body: dict[str, object], key: bytes = KEYS[0]) -> bytes:
        return signed(record.charter, kind=MessageKind.READ, about="", body=body, key=key)

    assert orjson.loads(host.read(read({"after": 0}))) == {"messages": [], "n": 0}
    for request in (read({"after": 0}, seed("stranger")), read({"after": -1}), read({"after": "0"}), read({}), b"{}"):
        with pytest.raises(InputError):
            host.read(request)
    with pytest.raises(InputError):
        host.post(read({"after": 0}))


def test_a_room_asks_over_http_and_notices_another_key(folders: list[Path]) -> None:
    charter = make_charter(folders)
    desks = [KeyHolderDesk(charter, folder) for folder in folders]
    inputs = [account_input(f"account {i}") for i in range(20)]
    with Service({"/names": desks[0].answer}) as one, Service({"/names": desks[1].answer}) as other:

        def holders(*addresses: str) -> list[object]:
            return [
                holder_over(charter, public=public, address=address, key=KEYS[2])
                for public, address in zip(charter.holders, addresses, strict=True)
            ]

        names = blinded_names(inputs, holders(one.address, other.address))  # type: ignore[arg-type]
        assert len(set(names)) == 20
        assert names == blinded_names(inputs, holders(one.address, other.address))  # type: ignore[arg-type]
        with pytest.raises(InputError) as caught:
            blinded_names(inputs, holders(other.address, one.address))  # type: ignore[arg-type]
        assert caught.value.message.code == "joint.bad-proof"
        with pytest.raises(SourceError) as refused:
            blinded_names(inputs * 60, holders(one.address, other.address))  # type: ignore[arg-type]
        assert refused.value.message.code == "joint.refused"
        assert refused.value.message["problem"].code == "joint.over-limit"  # type: ignore[union-attr]


def test_rooms_keep_the_record_in_step_over_http(tmp_path: Path) -> None:
    record = finished().record
    host = Host(record.charter, tmp_path, key=HOST)
    answers = {"/messages": lambda data: orjson.dumps({"n": host.post(data)}), "/record": host.read}
    with Service(answers) as service:
        client = HostClient(record.charter, service.address, key=KEYS[1])
        for data in record.messages:
            client.push(data)
        assert client.pull() == len(record.messages)
        assert client.pull() == 0
        assert client.record.digest == record.digest
        assert client.record.phase is Phase.DONE
        with pytest.raises(SourceError):
            client.push(b"{}")
    with pytest.raises(SourceError):
        client.pull()


def test_a_host_that_shows_another_record_is_noticed(tmp_path: Path) -> None:
    """A message left out no longer fits the closing that names the hash of all before it."""
    record = finished().record
    kept = [one.decode() for one in record.messages[1:]]
    client = HostClient(
        record.charter, "http://nowhere", key=KEYS[1],
        send=lambda *_: orjson.dumps({"messages": kept, "n": len(kept)}),
    )  # fmt: skip
    with pytest.raises(InputError):
        client.pull()
    assert EpochRecord.replay(record.charter, record.messages).digest == record.digest


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/else", {"Content-Length": "2"}, 404),
        ("/names", {"Content-Length": "999999999"}, 413),
        ("/names", {"Content-Length": "-1"}, 413),
        ("/names", {"Content-Length": "x"}, 413),
    ],
)
def test_a_service_is_bounded(path: str, headers: dict[str, str], status: int) -> None:
    with Service({"/names": lambda data: data}) as service:
        connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=10)
        connection.putrequest("POST", path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def test_a_host_closes_phases_when_their_time_is_over_and_not_before(tmp_path: Path) -> None:
    given, at = charter(), [dt.datetime(2026, 3, 1, tzinfo=dt.UTC)]
    host = Host(given, tmp_path, key=HOST)

    def clock() -> PhaseClock:
        return PhaseClock(host, tmp_path, hours=24, now=lambda: at[0])

    assert not clock().look()
    at[0] += dt.timedelta(hours=23)
    assert not clock().look(), "a restart begins no phase anew"
    at[0] += dt.timedelta(hours=1)
    assert clock().look()
    assert host.record.phase is Phase.HOLDING
    assert clock().look(), "nothing was proposed, so nothing is left to say"
    assert clock().look()
    assert not clock().look()
    path = tmp_path / "record.ndjson"
    path.write_bytes(record_bytes(host.record))
    assert read_record(path).digest == host.record.digest
    for bad in (b"", b"x\n", path.read_bytes().replace(b'"phase":1', b'"phase":2')):
        path.write_bytes(bad)
        with pytest.raises(InputError):
            read_record(path)
