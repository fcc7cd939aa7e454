"""What cameras write beside their clips; and hostile documents in their place."""

from fractions import Fraction

import pytest

from app.core.media import ale, camera_xml, safe_xml
from app.core.media.camera_xml import CameraXml
from app.core.media.facts_building import with_camera_xml
from app.core.model.errors import BadData, Refused
from app.core.model.media import ClipKind, MediaFacts, StartTimecode

SONY = """<?xml version="1.0" encoding="UTF-8"?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.20">
 <TargetMaterial umidRef="060A2B34AB"/><Duration value="90"/>
 <LtcChangeTable tcFps="{fps}" halfStep="{half}"><LtcChange frameCount="0" value="{value}" status="increment"/>
 <LtcChange frameCount="89" value="17025900" status="end"/></LtcChangeTable>
 <CreationDate value="2026-05-14T10:00:01+02:00"/>
 <VideoFormat><VideoFrame videoCodec="AVC" captureFps="119.88p" formatFps="{format}"/></VideoFormat>
 <Device manufacturer="Sony" modelName="ILME-FX6V" serialNo="0000001"/></NonRealTimeMeta>"""
P2 = """<?xml version="1.0"?><P2Main xmlns="urn:schemas-Professional-Plug-in:P2:ClipMetadata:v3.1"><ClipContent>
<ClipName>0001AB</ClipName><GlobalClipID>060AFF</GlobalClipID><Duration>250</Duration><EditUnit>1001/30000</EditUnit>
<EssenceList><Video><FrameRate DropFrameFlag="true">29.97p</FrameRate><StartTimecode>01:00:00:02</StartTimecode></Video>
<Audio/><Audio/></EssenceList><ClipMetadata><UserClipName>Harbour</UserClipName>
<Access><CreationDate>2026-05-14T10:00:00+02:00</CreationDate></Access>
<Device><Manufacturer>Panasonic</Manufacturer><ModelName>AJ-PX5000</ModelName></Device>
<Scenario><SceneNo.>12</SceneNo.><TakeNo.>4</TakeNo.></Scenario></ClipMetadata>
<Relation><OffsetInShot>250</OffsetInShot><Connection><Top><GlobalClipID>060AAA</GlobalClipID></Top>
<Previous><GlobalClipID>060AAA</GlobalClipID></Previous><Next><GlobalClipID>060ABB</GlobalClipID></Next>
</Connection></Relation></ClipContent></P2Main>"""


def sony(
    value: str = "28585900", fps: str = "30", half: str = "false", form: str = "29.97p"
) -> CameraXml:
    found = camera_xml.read(SONY.format(value=value, fps=fps, half=half, format=form).encode())
    assert found is not None
    return found


def test_sony_writes_labels_backwards() -> None:
    found = sony()
    assert (found.label, found.drop, found.frames) == ("00:59:58:28", False, 90)
    assert found.start(Fraction(30000, 1001)) == StartTimecode(107_968, False, "camera-xml")
    assert (found.recorded_at, found.make, found.model) == (
        "2026-05-14T08:00:01Z",
        "Sony",
        "ILME-FX6V",
    )


def test_sony_adds_four_to_the_tens_where_frames_are_dropped() -> None:
    found = sony("68585900")
    assert (found.label, found.drop) == ("00:59:58:28", True)
    assert found.start(Fraction(30000, 1001)) == StartTimecode(107_860, True, "camera-xml")


def test_half_steps_stand_for_two_frames() -> None:
    found = sony("24000010", fps="25", half="true", form="50p")
    assert found.start(Fraction(50)) == StartTimecode(
        (10 * 3600 * 25 + 24) * 2, False, "camera-xml"
    )


def test_alpha_bodies_write_the_label_as_it_reads() -> None:
    assert sony("10:11:12:13", fps="25", form="25p").label == "10:11:12:13"


def test_p2_tells_essence_relation_and_labels() -> None:
    found = camera_xml.read(P2.encode())
    assert found is not None
    assert (found.clip_name, found.user_clip_name) == ("0001AB", "Harbour")
    assert found.essences == ("video", "audio", "audio")
    assert (found.rate, found.frames, found.offset) == (Fraction(30000, 1001), 250, 250)
    assert (found.previous_id, found.next_id) == ("060aaa", "060abb")
    assert (found.scene, found.take, found.model) == ("12", "4", "AJ-PX5000")
    assert found.start(Fraction(30000, 1001)) == StartTimecode(107_894, True, "camera-xml")


def test_canon_is_read_by_the_common_names() -> None:
    text = b"<Clip><ClipName>AA0001</ClipName><Device><Manufacturer>Canon</Manufacturer></Device></Clip>"
    found = camera_xml.read(text)
    assert found is not None
    assert (found.clip_name, found.make) == ("AA0001", "Canon")


def test_any_other_document_is_none() -> None:
    assert camera_xml.read(b"<plist><dict/></plist>") is None


def test_mediapro_lists_clips_with_their_sidecars() -> None:
    text = b"""<MediaProfile><Contents><Material uri="./CLIP/C0001.MP4" type="MP4" dur="123" fps="59.94p" ch="2"
      umid="060AFF"><Proxy uri="./SUB/C0001S03.MP4"/><RelevantInfo uri="./CLIP/C0001M01.XML" type="XML"/>
      </Material><Material/></Contents></MediaProfile>"""
    (clip,) = camera_xml.read_list(text)
    assert (clip.path, clip.frames, clip.rate) == ("CLIP/C0001.MP4", 123, Fraction(60000, 1001))
    assert (clip.proxies, clip.sidecars) == (("SUB/C0001S03.MP4",), ("CLIP/C0001M01.XML",))


def test_a_sidecar_never_overrules_the_container() -> None:
    own = MediaFacts(
        ClipKind.VIDEO,
        rate=Fraction(30000, 1001),
        start=StartTimecode(1, True, "mxf"),
        origins={"start": "mxf", "rate": "mxf"},
    )
    facts = with_camera_xml(own, sony())
    assert facts.start == StartTimecode(1, True, "mxf")
    assert (facts.camera, facts.origins["camera"]) == ("Sony ILME-FX6V", "camera-xml")
    assert facts.tags["capture_rate"] == "120000/1001"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            "<!DOCTYPE x [<!ENTITY a 'AAAA'>"
            + "".join(f"<!ENTITY a{n} '{'&a;' * 10}'>" for n in range(9))
            + "]><x>&a8;</x>",
            "entities",
        ),
        ("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "entities"),
        ("<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'>%p;]><x/>", "entities"),
        ("<a>" * 100_000 + "</a>" * 100_000, "nested"),
        ("<a>" + "<b/>" * 60_000 + "</a>", "repeated"),
        ("<a>" + "x" * (5 << 20) + "</a>", "larger"),
    ],
)
def test_hostile_documents_are_refused_in_words(document: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        camera_xml.read(document.encode(), "M01.XML")


def test_broken_documents_are_bad_data() -> None:
    for text in (b"", b"<a>", b"\xff\xfe\x00", b"<?xml version='1.0' encoding='nonsense'?><a/>"):
        with pytest.raises(BadData):
            safe_xml.parse(text)


@pytest.mark.parametrize(
    ("written", "utc", "local"),
    [
        ("2019-07-24T11:25:40+0300", "2019-07-24T08:25:40Z", None),
        ("2019-04-24 22:24:00+02:00", "2019-04-24T20:24:00Z", None),
        ("2026-05-14T10:00:00Z", "2026-05-14T10:00:00Z", None),
        ("2026-05-14T10:00:00", None, "2026-05-14T10:00:00"),
        ("yesterday", None, None),
        ("0001-01-01T00:00:00+23:59", None, None),
        (None, None, None),
    ],
)
def test_instants_need_a_zone(written: str | None, utc: str | None, local: str | None) -> None:
    assert camera_xml.instants(written) == (utc, local)


def test_a_camera_s_log_is_read() -> None:
    text = "Heading\r\nFIELD_DELIM\tTABS\r\nFPS\t24\r\n\r\nColumn\r\nName\tTape\tStart\t\r\n\r\nData\r\n"
    log = ale.read(
        (text + "A002C006_141024_R2EC.mov\tA002R2EC\t10:00:00;00\t\r\nB\tX\r\n").encode()
    )
    assert log.heading["FPS"] == "24"
    assert log.drop
    row = log.row("a002c006_141024_r2ec")
    assert row is not None
    assert row["Tape"] == "A002R2EC"
    assert log.row("C") is None
    with pytest.raises(BadData):
        ale.read(b"no log")
