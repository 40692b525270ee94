"""Why a call went as it did: for each step of its journal, the rule that decided, with the values it had.

The rules are those of `ivr` and `menus`; nothing is decided here. What the journal of one call cannot tell,
such as who else was ready, is said to be so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vagtcentral.console.pages.format import clock_time, oddity, word
from vagtcentral.console.words import Say
from vagtcentral.ivr import commands as cmd
from vagtcentral.ivr import events as ev
from vagtcentral.ivr.dispatch import DispatchPolicy, Operator
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.kinds import kind_of
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import BookCallBack, Choose, DistrictRule, Effect, Emergency, Enter, Node, Queue

#: Events that are noted and decide nothing.
_NOTED = (ev.Registered, ev.WronglyRouted, ev.RecordingStored)
#: Keys that no one presses stand for silence.
_SILENT = ""


@dataclass(frozen=True, slots=True)
class Before:
    """What a step began with, as far as the turns before it tell: `keys` since the node was asked."""

    menu: str = ""
    node: str | None = None
    keys: str = ""
    request: cmd.Enqueue | None = None
    entered: int = 0  #: when the call joined the queue, in ms UTC
    language: str = ""


class Reasoner:
    """Tells why, in one language, on the menus, the staff and the rules of dispatch in use now."""

    def __init__(
        self, say: Say, setting: Setting, staff: Iterable[Operator], districts: Mapping[str, str]
    ) -> None:
        self._say = say
        self._setting = setting
        self._staff = {operator.name: operator for operator in staff}
        self._districts = districts
        self._policy = DispatchPolicy(neighbours=setting.atlas.neighbours)

    def all_reasons(self, turns: Sequence[Turn]) -> list[list[str]]:
        """The reasons of every turn, at least one each."""
        reasons, before = [], Before()
        for turn in turns:
            reasons.append(self._reasons(turn, before))
            before = _after(before, turn)
        return reasons

    # ------------------------------------------------------------------------------------------

    def _reasons(self, turn: Turn, before: Before) -> list[str]:
        event = turn.event
        if not turn.commands:
            return [self._say("why_noted" if isinstance(event, _NOTED) else "why_nothing")]
        told: list[str] = []
        if isinstance(event, ev.CallArrived):
            told.append(self._say("why_arrived", service=event.service, menu=event.menu))
        for command in turn.commands:
            told += self._of_command(command, turn, before)
        rule = self._say("why_rule", event=kind_of(type(event)), node=before.node or "–")
        return list(dict.fromkeys(told)) or [rule]

    def _of_command(self, command: cmd.Command, turn: Turn, before: Before) -> list[str]:
        say = self._say
        match command:
            case cmd.ShowNode(menu=menu, node=node):
                return [self._why_node(menu, node, turn, before)]
            case cmd.ShowDestination():
                return self._why_destination(command, turn, before)
            case cmd.Enqueue():
                return self._why_queue(command, turn)
            case cmd.RingOperator(operator=operator):
                return self._why_operator(operator, turn.event.at, before)
            case cmd.AcceptOffer(operator=operator):
                return [say("why_took", operator=operator)]
            case cmd.RefuseOffer(operator=operator, ready=ready, reason=reason):
                then = say("why_stays_ready" if ready else "why_set_not_ready")
                return [say("why_refused", operator=operator, reason=reason), then]
            case cmd.ReleaseOperator(operator=operator):
                return [say("why_released", operator=operator)]
            case cmd.SetTimer(timer=timer, due=due):
                return [self._why_timer(timer, due, turn, before)]
            case cmd.CancelTimer(timer=timer):
                return [say("why_cancelled", timer=word("timer", timer.value, say))]
            case cmd.ShowLocation():
                evidence = [say("why_evidence", what=one) for one in command.evidence]
                odd = (
                    [say("why_odd", what="; ".join(oddity(one, say) for one in command.anomalies))]
                    if command.anomalies
                    else []
                )
                return [command.decision.reason, *evidence, *odd]
            case cmd.LeaveQueue():
                return [say("why_left_queue")]
            case cmd.CallBack():
                return [say("why_called_back")]
            case cmd.HangUp():
                return [say("why_hang_up")]
            case cmd.CloseRecord():
                return [say("why_closed")]
        return []

    # --- why this node ------------------------------------------------------------------------

    def _why_node(self, menu: str, node: str, turn: Turn, before: Before) -> str:
        say, event = self._say, turn.event
        if isinstance(event, ev.Resumed | ev.CarrierGap):
            return say("why_asked_anew", node=node)
        if before.node is None or before.menu != menu:
            first = isinstance(event, ev.OperatorHungUp)
            return say("why_survey" if first else "why_first_node", node=node, menu=menu)
        origin = self._node(before.menu, before.node)
        keys = before.keys + _keys(event)
        if isinstance(event, ev.PlayFinished) and not isinstance(origin, Choose | Enter):
            return say("why_spoken", origin=before.node, node=node)
        if isinstance(origin, Choose):
            return self._why_choice(origin, node, keys)
        if isinstance(origin, Enter):
            entered = any(isinstance(command, cmd.ShowAnswer) for command in turn.commands)
            if entered:
                return say("why_entered", origin=origin.name, node=node)
            return self._why_fallback(origin, node, keys)
        return say("why_leads_on", origin=before.node, node=node)

    def _why_choice(self, origin: Choose, node: str, keys: str) -> str:
        option = origin.options.get(keys)
        if option is None:
            return self._why_fallback(origin, node, keys)
        key = {Effect.REPEAT: "why_repeat", Effect.BACK: "why_back", None: "why_key"}[option.effect]
        return self._say(key, keys=keys, origin=origin.name, node=node)

    def _why_fallback(self, origin: Choose | Enter, node: str, keys: str) -> str:
        kind, rule = ("silent", origin.silence) if keys == _SILENT else ("wrong", origin.wrong_key)
        then = "again" if node == origin.name else "then"
        return self._say(f"why_{kind}_{then}", keys=keys, origin=origin.name, node=node, retries=rule.retries)

    # --- why this queue, and this operator ----------------------------------------------------

    def _why_destination(self, shown: cmd.ShowDestination, turn: Turn, before: Before) -> list[str]:
        say, event = self._say, turn.event
        skill = word("skill", shown.skill, say)
        if isinstance(event, ev.TransferRequested):
            reason = word("transfer", event.reason, say) if event.reason else say("no_reason")
            asked = say("why_transfer", operator=event.operator, skill=skill, reason=reason)
            rule = event.district or DistrictRule.CALLER
            return [asked, self._why_district(rule, shown.district)]
        node = self._node(before.menu, shown.node)
        if not isinstance(node, Queue | BookCallBack | Emergency):
            return [say("why_fallback", skill=skill)]
        rule = DistrictRule.CALLER if isinstance(node, Emergency) else node.district
        return [
            self._why_node(before.menu, shown.node, turn, before),
            say("why_destination", node=shown.node, skill=skill),
            self._why_district(rule, shown.district),
        ]

    def _why_district(self, rule: DistrictRule | str, district: str | None) -> str:
        if rule is DistrictRule.ANY:
            return self._say("why_any_district")
        if district is None:
            return self._say("why_no_district")
        name = self._districts.get(district, district)
        key = "why_callers_district" if rule is DistrictRule.CALLER else "why_named_district"
        return self._say(key, district=name)

    def _why_queue(self, request: cmd.Enqueue, turn: Turn) -> list[str]:
        say = self._say
        told = [say(f"why_priority_{min(request.priority, 1)}")]
        if isinstance(turn.event, ev.LocationReceived):
            told.append(say("why_moved"))
        if request.since < turn.event.at:
            told.append(say("why_place", time=clock_time(request.since)))
        if request.not_operator is not None:
            told.append(say("why_not_him", operator=request.not_operator))
        return told

    def _why_operator(self, name: str, at: int, before: Before) -> list[str]:
        say, request, operator = self._say, before.request, self._staff.get(name)
        if operator is None or request is None:
            return [say("why_operator_unknown", operator=name)]
        overflow = self._policy.overflow[min(request.priority, 1)]
        speaks = request.language in operator.languages
        language = "why_speaks" if speaks else "why_speaks_not"
        district, needed_ms = self._nearness(operator, request.district)
        needed_ms = needed_ms if speaks else overflow.anyone_ms
        seconds = overflow.neighbours_ms if district == "why_neighbour" else overflow.anyone_ms
        told = [
            say("why_operator", operator=name, skill=word("skill", request.skill, say)),
            say(
                language,
                language=word("language", request.language, say),
                seconds=overflow.anyone_ms // 1000,
            ),
            say(district, seconds=seconds // 1000),
        ]
        early = at - before.entered < (needed_ms if needed_ms >= 0 else seconds)
        return [*told, say("why_claimed" if needed_ms and early else "why_longest_idle")]

    def _nearness(self, operator: Operator, district: str | None) -> tuple[str, int]:
        """What the district of an operator is to the call; 0 where he counts from the start, else -1."""
        if district is None or operator.district is None:
            return "why_every_district", 0
        if operator.district == district:
            return "why_his_district", 0
        near = operator.district in self._policy.neighbours.get(district, ())
        return ("why_neighbour" if near else "why_far"), -1

    # --- why this long ------------------------------------------------------------------------

    def _why_timer(self, timer: ev.Timer, due: int, turn: Turn, before: Before) -> str:
        say, at = self._say, turn.event.at
        key = f"why_timer_{timer.value}"
        if timer is ev.Timer.DIGITS:
            key = "why_timer_first" if isinstance(turn.event, ev.PlayFinished) else "why_timer_next"
        seconds = f"{(due - at) / 1000:g}"
        why = say(key, node=before.node or "–") if timer is ev.Timer.DIGITS else say(key)
        return say("why_until", time=clock_time(due), seconds=seconds, why=why)

    def _node(self, menu: str, node: str | None) -> Node | None:
        known = self._setting.menus.get(menu)
        return None if known is None or node is None else known.nodes.get(node)


def _after(before: Before, turn: Turn) -> Before:
    """What the next step begins with."""
    after = replace(before, keys=before.keys + _keys(turn.event))
    for command in turn.commands:
        match command:
            case cmd.ShowNode(menu=menu, node=node, language=language):
                after = replace(after, menu=menu, node=node, language=language, keys="")
            case cmd.ShowDestination(node=node):
                after = replace(after, node=node, keys="")
            case cmd.Enqueue():
                entered = after.entered if after.request is not None else turn.event.at
                after = replace(after, request=command, entered=entered)
            case cmd.LeaveQueue() | cmd.AcceptOffer():
                after = replace(after, request=None)
    return after


def _keys(event: ev.Event) -> str:
    match event:
        case ev.DigitPressed(digit=keys) | ev.DigitsCollected(digits=keys):
            return keys
    return ""
