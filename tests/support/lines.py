"""Hand-written lines of speech for tests of what comes after the model."""

from app.core.post.speech_engine import Passage, SpokenWord
from app.core.post.speech_lines import Line

SECOND = 16_000


def spoken(
    text: str,
    start: float = 0.0,
    *,
    pace: float = 0.4,
    levels: tuple[int, ...] = (-20,),
    permille: int = 900,
) -> tuple[SpokenWord, ...]:
    """Words one after the other, `pace` seconds each, as the pipeline holds them."""
    step = round(pace * SECOND)
    first = round(start * SECOND)
    return tuple(
        SpokenWord(first + n * step, first + (n + 1) * step, permille, word, levels)
        for n, word in enumerate(text.split())
    )


def line(
    text: str,
    start: float = 0.0,
    *,
    channel: int = 0,
    pace: float = 0.4,
    levels: tuple[int, ...] = (-20,),
    permille: int = 900,
    logprob: int = -200,
    silence: int = 50,
    ratio: int = 130,
) -> Line:
    """A line a sure model would give, unless told otherwise."""
    words = spoken(text, start, pace=pace, levels=levels, permille=permille)
    return Line(channel, "en", words, logprob, silence, ratio)


def passage(*words: tuple[float, float, str], logprob: int = -200) -> Passage:
    """A model's segment; texts with the space before them, times in seconds."""
    made = tuple(
        SpokenWord(round(start * SECOND), round(end * SECOND), 900, text, (-20,))
        for start, end, text in words
    )
    return Passage(made, logprob, 50, 130)
