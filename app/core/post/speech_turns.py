"""Whose turn it is to be listened to: the clip that a person has open and that has no words yet."""


class Turns:
    """Known to the planner's thread, which says what is in hand, and to the run that is at work."""

    def __init__(self) -> None:
        self._hand = ""
        self._made_way_for = ""

    def note_hand(self, clip_id: str) -> None:
        """The clip in hand, where it is due and wordless; "" else."""
        self._hand = clip_id

    def is_in_hand(self, clip_id: str) -> bool:
        """Whether somebody waits for the first words of this clip."""
        return clip_id == self._hand

    def stands_aside(self, clip_id: str, *, looked: bool) -> bool:
        """Whether the run on this clip should end now, to go on later.

        Args:
            clip_id: the clip it is about.
            looked: it has looked for the first words already; nothing comes of beginning again.
        """
        hand = self._hand
        if hand == clip_id:
            return not looked
        # Once for each: what is in hand may not be allowed to run now, and then nothing would.
        if not hand or hand == self._made_way_for:
            return False
        self._made_way_for = hand
        return True
