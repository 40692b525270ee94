"""How many location messages a second one core reads, in each form, and a storm of mutilated ones.

The target holds for every form, each read on its own through the entry that recognises the form. A message in
two parts is two short messages: what is counted is parts. The storm is spread over the cores; each part has a
seed of its own, so that the same messages come whatever the number of cores.
"""

import base64
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from benchmarks.result import Figure, Result
from vagtcentral.location import gsm7
from vagtcentral.location.aml import AmlMessage
from vagtcentral.location.aml_any import decode_any
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.sms_pdu import Alphabet
from vagtcentral.location.sms_write import deliver, deliver_parts, ports_header

#: Messages a second that one core is to read.
TARGET = 50_000
#: Mutilated messages that one process reads at a time.
_PART = 20_000
RECEIVED = 1_768_473_010_000
V1 = (
    'A"ML=1;lt=+55.67610;lg=+012.56834;rd=14;top=20260115103001;lc=68;pm=G;si=238011000000000;'
    "ei=356708041746734;mcc=238;mnc=01;ml=129"
)
V2 = (
    'A"ML=2;en=112;et=1768472995;lo=55.67610,12.56834,14.0;lt=5;lc=68;lz=21.0,3.0;ls=G;'
    "ei=358239059042542;nc=23801;hc=23801;lg=da-DK"
)
FORM = (
    "v=1&emergency_number=112&time=1768472995000&location_latitude=55.6761&location_longitude=12.56834"
    "&location_time=1768473001000&location_accuracy=14.2&location_confidence=0.68&location_source=gps"
    "&device_number=%2B4520123456&device_imsi=238011000000000&device_imei=356708041746734"
    "&cell_network_mcc=238&cell_network_mnc=01"
)
SENDER = "+4520123456"
SENT = 1_768_473_005_000


def forms() -> dict[str, str | bytes]:
    """The same caller in every form, by name."""
    septets = gsm7.septets_of(V1)
    packed = gsm7.packed(septets)
    parts = deliver_parts(V1, SENDER, SENT, reference=77, room=70)
    wide = deliver_parts(V1, SENDER, SENT, reference=78, alphabet=Alphabet.UCS2, bits=16)
    ports = ports_header(5555)
    return {
        "text, version 1": V1,
        "text, version 2": V2,
        "data, hexadecimal": packed.hex(),
        "data, base64": base64.b64encode(packed).decode(),
        "data, octets": packed,
        "data, legacy packing": gsm7.packed(septets, msb=True).hex(),
        "data, header left on": ports + packed,
        "SMS-DELIVER, 7-bit": deliver(V1, SENDER, SENT, centre="+4540390999").hex(),
        "SMS-DELIVER, 8-bit": deliver(packed, SENDER, SENT, alphabet=Alphabet.OCTETS, header=ports).hex(),
        "two parts, 7-bit": "\n".join(part.hex() for part in reversed(parts)),
        "two parts, UCS-2": "\n".join(part.hex() for part in wide),
        "HTTPS form": FORM,
    }


def run(repetitions: int = 7, messages: int = 5_000, mutilated: int = 1_000_000) -> Result:
    """Time each form (best of some repetitions) and read `mutilated` damaged messages."""
    figures = []
    met = True
    for name, message in forms().items():
        parts = name.startswith("two parts") + 1
        rate = parts * max(_rate(message, messages) for _ in range(repetitions))
        met &= rate >= TARGET
        unit = "messages/s" if parts == 1 else "parts/s"
        figures.append(Figure(name, rate, unit, f"at least {TARGET} wanted"))
    before = time.perf_counter()
    lost = storm(mutilated)
    seconds = time.perf_counter() - before
    note = f"{lost} lost, none raised anything; {seconds:.0f} s on all cores, with making them"
    figures.append(Figure("mutilated messages", mutilated, "", note))
    about = f"one core, one message at a time; processor time, best of {repetitions}"
    return Result("aml_decode", about, figures, met and not lost, {"agreement": not lost})


def _rate(message: str | bytes, count: int) -> float:
    before = time.process_time()
    for _ in range(count):
        decode_any(message, RECEIVED)
    return count / (time.process_time() - before)


def storm(count: int) -> int:
    """As `fuzz`, in parts on all cores."""
    parts = [min(_PART, count - done) for done in range(0, count, _PART)]
    with ProcessPoolExecutor() as processes:
        return sum(processes.map(fuzz, parts, range(len(parts))))


def fuzz(count: int, seed: int) -> int:
    """Read so many mutilated messages; how many of them lost something. Raises what reading them raises."""
    return sum(not kept(message, decode_any(message, RECEIVED)) for message in mutilated(count, seed))


def kept(message: str | bytes, answer: AmlMessage) -> bool:
    """Whether an answer holds together: all of the message is there, and position and anomalies agree."""
    position = answer.position
    whole = (
        (message,) if isinstance(message, str) else (message.hex(), message.decode("latin-1"), _utf8(message))
    )
    return (
        answer.raw in whole
        and (position is None) == (Anomaly.NO_POSITION in answer.anomalies)
        and len(set(answer.anomalies)) == len(answer.anomalies)
        and (
            position is None
            or (
                abs(position.latitude) <= 90
                and abs(position.longitude) <= 180
                and (position.radius_m is None or position.radius_m > 0)
                and (position.confidence is None or 0 < position.confidence < 1)
            )
        )
    )


def _utf8(octets: bytes) -> str | None:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return None


def mutilated(count: int, seed: int = 114) -> Iterator[str | bytes]:
    """Messages of every form with pieces lost, changed, doubled, swapped or joined; the same for a seed."""
    dice = random.Random(seed)
    whole = list(forms().values())
    for _ in range(count):
        message = dice.choice(whole)
        if isinstance(message, bytes) or dice.random() < 0.2:
            octets = message if isinstance(message, bytes) else message.encode()
            yield bytes(_hurt(list(octets), list(range(256)), dice))
        else:
            letters = list('0123456789abcdefABCDEF;=&,.+-"\n \0@æ−”\ud800')
            yield "".join(_hurt(list(message), letters, dice))


def _hurt(content: list, replacements: list, dice: random.Random) -> list:  # type: ignore[type-arg]
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(content) + 1)
        match dice.randrange(6):
            case 0:
                del content[place : place + dice.randint(1, 12)]
            case 1:
                content.insert(place, dice.choice(replacements))
            case 2:
                content[place : place + 1] = [dice.choice(replacements)]
            case 3:
                content[place:place] = content[: dice.randint(0, 30)]
            case 4:
                del content[place:]
            case _:
                content[:] = content[place:] + content[:place]
    return content
